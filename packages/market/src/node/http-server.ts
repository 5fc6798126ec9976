import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { AssayError } from '@assay/core/errors';
import type { ArtefactStore } from './artefact-store.ts';

export interface HttpRequest {
  readonly method: string;
  /** Decoded parts of the path after the prefix. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Empty for GET. */
  readonly body: Uint8Array;
  readonly remote: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body: string | Uint8Array;
}

/** Answers everything below `/prefix`. An exception is answered with 500 and told to `onError`. */
export interface HttpRoute {
  readonly prefix: string;
  /** @default ['GET'] */
  readonly methods?: readonly string[] | undefined;
  handle(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>;
}

export interface HttpLimits {
  /** For all headers to arrive: what a slow loris drips on. @default 5000 */
  readonly headersMs: number;
  /** For a whole request to arrive. @default 10000 */
  readonly requestMs: number;
  /** A socket on which nothing moves is closed. @default 15000 */
  readonly idleMs: number;
  /** An answer that takes longer to be taken is cut off. @default 300000 */
  readonly answerMs: number;
  /** @default 8192 */
  readonly headerBytes: number;
  /** @default 65536 */
  readonly bodyBytes: number;
  /** @default 2048 */
  readonly urlBytes: number;
  /** @default 256 */
  readonly connections: number;
  /** From one address. @default 64 */
  readonly connectionsPerPeer: number;
}

const LIMITS: HttpLimits = {
  headersMs: 5000,
  requestMs: 10_000,
  idleMs: 15_000,
  answerMs: 300_000,
  headerBytes: 8192,
  bodyBytes: 65_536,
  urlBytes: 2048,
  connections: 256,
  connectionsPerPeer: 64,
};

export interface HttpServerOptions {
  /** @default 127.0.0.1 */
  readonly host?: string | undefined;
  /** @default a free one */
  readonly port?: number | undefined;
  /** Served under /artefacts/{sha256}. */
  readonly artefacts?: ArtefactStore | undefined;
  readonly routes?: readonly HttpRoute[] | undefined;
  readonly limits?: Partial<HttpLimits> | undefined;
  readonly onError?: ((error: unknown) => void) | undefined;
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Open connections now. */
  readonly connections: number;
  /** Takes no more requests, ends those that run within `graceMs`. @default 2000 */
  close(graceMs?: number): Promise<void>;
}

/**
 * A small HTTP server for strangers: artefacts by content hash, and routes. Every request is bounded in
 * headers, body, time and number of connections; nothing a peer sends is kept in memory beyond that.
 *
 * @throws {AssayError} ASSAY_HTTP_LISTEN
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits = { ...LIMITS, ...options.limits };
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: Math.min(5000, limits.idleMs),
      connectionsCheckingInterval: Math.min(1000, limits.headersMs),
      maxHeaderSize: limits.headerBytes,
      insecureHTTPParser: false,
    },
    (request, response) => {
      void answer(request, response, options, limits);
    },
  );
  server.maxHeadersCount = 64;
  server.maxConnections = limits.connections;
  server.maxRequestsPerSocket = 1000;
  server.setTimeout(limits.idleMs, (socket) => {
    socket.destroy();
  });
  limitPeers(server, limits);
  const host = options.host ?? '127.0.0.1';
  const port = await listen(server, host, options.port ?? 0);
  const shown = host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host;
  return {
    url: `http://${shown}:${port}`,
    port,
    get connections() {
      return open(server);
    },
    close: (graceMs = 2000) =>
      new Promise((done) => {
        const timer = setTimeout(() => {
          server.closeAllConnections();
        }, graceMs);
        server.close(() => {
          clearTimeout(timer);
          done();
        });
        server.closeIdleConnections();
      }),
  };
}

const sockets = new WeakMap<Server, Map<string, number>>();

function open(server: Server): number {
  return [...(sockets.get(server)?.values() ?? [])].reduce((sum, n) => sum + n, 0);
}

function limitPeers(server: Server, limits: HttpLimits): void {
  const byPeer = new Map<string, number>();
  sockets.set(server, byPeer);
  server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? '';
    const count = (byPeer.get(peer) ?? 0) + 1;
    if (count > limits.connectionsPerPeer) {
      socket.destroy();
      return;
    }
    byPeer.set(peer, count);
    socket.once('close', () => {
      const left = (byPeer.get(peer) ?? 1) - 1;
      if (left === 0) byPeer.delete(peer);
      else byPeer.set(peer, left);
    });
  });
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((done, failed) => {
    server.once('error', (cause) => {
      failed(
        new AssayError({
          code: 'ASSAY_HTTP_LISTEN',
          shortMessage: `cannot listen on ${host}:${port}`,
          details: cause.message,
          cause,
        }),
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      done(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

const plain = (status: number, text: string): HttpAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: `${text}\n`,
});

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions,
  limits: HttpLimits,
): Promise<void> {
  const late = setTimeout(() => {
    response.destroy();
  }, limits.answerMs);
  try {
    const { pathname, searchParams } = parse(request.url ?? '', limits) ?? {};
    if (pathname === undefined || searchParams === undefined) {
      send(response, plain(414, 'too long, or not a path'));
      return;
    }
    const [prefix = '', ...path] = pathname;
    const method = request.method ?? 'GET';
    if (prefix === 'artefacts' && options.artefacts !== undefined) {
      await sendArtefact(response, method, path, options.artefacts);
      return;
    }
    const route = options.routes?.find((candidate) => candidate.prefix === prefix);
    if (route === undefined) {
      send(response, plain(404, 'nothing here'));
    } else if (!(route.methods ?? ['GET']).includes(method)) {
      send(response, plain(405, 'not that way'));
    } else {
      const body = await readBody(request, limits.bodyBytes);
      if (body === null) {
        send(response, { ...plain(413, 'too large'), headers: { connection: 'close' } });
        return;
      }
      const remote = request.socket.remoteAddress ?? '';
      const { headers } = request;
      send(
        response,
        await route.handle({ method, path, query: searchParams, headers, body, remote }),
      );
    }
  } catch (error) {
    options.onError?.(error);
    if (!response.headersSent) send(response, plain(500, 'an error'));
    else response.destroy();
  } finally {
    if (response.writableFinished || response.destroyed) clearTimeout(late);
    else response.once('close', () => clearTimeout(late));
  }
}

function parse(
  url: string,
  limits: HttpLimits,
): { pathname: readonly string[]; searchParams: URLSearchParams } | null {
  if (url.length > limits.urlBytes || !url.startsWith('/')) return null;
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  try {
    return {
      pathname: path.slice(1).split('/').map(decodeURIComponent),
      searchParams: new URLSearchParams(query < 0 ? '' : url.slice(query + 1)),
    };
  } catch {
    return null;
  }
}

async function sendArtefact(
  response: ServerResponse,
  method: string,
  path: readonly string[],
  artefacts: ArtefactStore,
): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') {
    send(response, plain(405, 'not that way'));
    return;
  }
  const found = path.length === 1 ? artefacts.open(path[0] ?? '') : null;
  if (found === null) {
    send(response, plain(404, 'no such artefact'));
    return;
  }
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': found.bytes,
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  });
  if (method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(found.stream(), response);
}

/** Null: more than `most`. */
async function readBody(request: IncomingMessage, most: number): Promise<Uint8Array | null> {
  if (Number(request.headers['content-length'] ?? 0) > most) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > most) return null;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function send(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  response.writeHead(status, {
    'content-type': 'application/octet-stream',
    ...headers,
    'content-length': bytes.length,
    'x-content-type-options': 'nosniff',
  });
  response.end(bytes);
}
