import { createServer, connect, type Socket } from 'node:net';

/** A way to a chain that can be cut. */
export interface RpcProxy {
  readonly url: string;
  /** Ends all connections and takes no more. */
  cut(): void;
  restore(): void;
  close(): Promise<void>;
}

export async function startRpcProxy(port: number): Promise<RpcProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((socket) => {
    if (isCut) {
      socket.destroy();
      return;
    }
    const other = connect(port, '127.0.0.1');
    for (const end of [socket, other]) {
      sockets.add(end);
      end.on('error', () => end.destroy());
      end.on('close', () => sockets.delete(end));
    }
    socket.pipe(other);
    other.pipe(socket);
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', () => done());
  });
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${own}`,
    cut: () => {
      isCut = true;
      drop();
    },
    restore: () => {
      isCut = false;
    },
    close: () => {
      drop();
      return new Promise((done) => {
        server.close(() => done());
      });
    },
  };
}
