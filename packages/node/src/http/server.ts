import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AssayError } from '@assay/core/errors';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { parseRoute, type Route } from './routes.ts';

export interface Health {
  readonly ok: boolean;
  /** Shown as they are: nothing secret. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Trees of one job. Null: no such node. */
export interface ServedTrees {
  listNode(list: number, level: number, position: number): Uint8Array | null;
  node(list: number, tensor: number, level: number, position: number): Uint8Array | null;
  leaf(list: number, tensor: number, position: number): Uint8Array | null;
}

/** What is served. */
export interface Content {
  health(): Health;
  /** Null: not here. */
  artefact(digest: string): Promise<Uint8Array | null>;
  /** Null: no such job, or its trace is not served. */
  trees(job: string): Promise<ServedTrees | null>;
}

export interface HttpOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly content: Content;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Open connections at a time. @default 256 */
  readonly maxConnections?: number | undefined;
  /** A request has to be complete in this time. @default 10000 */
  readonly requestTimeoutMs?: number | undefined;
}

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

type Answer = {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array | string;
};

const BYTES = 'application/octet-stream';
const text = (status: number, body: string): Answer => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${body}\n`,
});
const NOT_FOUND = text(404, 'not found');

function joined(parts: readonly (Uint8Array | null)[]): Answer {
  const found = parts.flatMap((part) => part ?? []);
  if (found.length < parts.length) return NOT_FOUND;
  return { status: 200, type: BYTES, body: Buffer.concat(found) };
}

async function answer(route: Route, { content, metrics }: HttpOptions): Promise<Answer> {
  switch (route.kind) {
    case 'health': {
      const { ok, details } = content.health();
      const body = `${JSON.stringify({ ok, ...details })}\n`;
      return { status: ok ? 200 : 503, type: 'application/json', body };
    }
    case 'metrics': {
      const { registry } = metrics;
      return { status: 200, type: registry.contentType, body: await registry.metrics() };
    }
    case 'artefact': {
      const body = await content.artefact(route.digest);
      return body === null ? NOT_FOUND : { status: 200, type: BYTES, body };
    }
    case 'list-nodes':
    case 'nodes':
    case 'leaves': {
      const trees = await content.trees(route.job);
      if (trees === null) return NOT_FOUND;
      const { list } = route;
      return joined(
        route.positions.map((position) => {
          if (route.kind === 'list-nodes') return trees.listNode(list, route.level, position);
          if (route.kind === 'leaves') return trees.leaf(list, route.tensor, position);
          return trees.node(list, route.tensor, route.level, position);
        }),
      );
    }
  }
}

function send(response: ServerResponse, { status, type, body }: Answer, withBody: boolean): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
  });
  response.end(withBody ? body : undefined);
}

async function handle(
  method: string,
  path: string,
  response: ServerResponse,
  options: HttpOptions,
): Promise<void> {
  const { metrics, log } = options;
  let name = 'none';
  let result: Answer;
  if (method !== 'GET' && method !== 'HEAD') {
    result = text(405, 'only GET and HEAD');
  } else {
    const route = parseRoute(path);
    name = route?.kind ?? 'none';
    try {
      result = route === null ? text(400, 'no such path') : await answer(route, options);
    } catch (err) {
      log.error({ err, route: name }, 'request failed');
      result = text(500, 'internal error');
    }
  }
  metrics.requests.inc({ route: name, status: String(result.status) });
  send(response, result, method !== 'HEAD');
}

/**
 * Serves artefacts by their digest, nodes of traces, health and figures: bytes, to anyone, read only.
 * Connections are few and short: a slow client is cut off.
 *
 * @throws {AssayError} ASSAY_HTTP_LISTEN
 */
export async function startHttpServer(options: HttpOptions): Promise<HttpServer> {
  const { host, port, log } = options;
  const requestTimeout = options.requestTimeoutMs ?? 10_000;
  const server: Server = createServer(
    {
      requestTimeout,
      headersTimeout: Math.min(requestTimeout, 5_000),
      keepAliveTimeout: 5_000,
      maxHeaderSize: 8192,
      connectionsCheckingInterval: Math.min(requestTimeout, 1_000),
    },
    (request, response) => {
      // Bodies are not read: a client that sends one loses its connection.
      request.resume();
      void handle(request.method ?? '', request.url ?? '', response, options);
    },
  );
  server.maxConnections = options.maxConnections ?? 256;
  // Time to take an answer, too: one that is not read is cut off.
  server.setTimeout(6 * requestTimeout, (socket) => socket.destroy());
  server.on('clientError', (_, socket) => socket.destroy());
  await new Promise<void>((done, failed) => {
    server.once('error', (cause) => {
      failed(
        new AssayError({
          code: 'ASSAY_HTTP_LISTEN',
          shortMessage: `http: cannot listen on ${host}:${port}`,
          details: cause.message,
          cause,
        }),
      );
    });
    server.listen(port, host, () => {
      done();
    });
  });
  const address = server.address() as AddressInfo;
  log.info({ host, port: address.port }, 'listening');
  return {
    port: address.port,
    close: () =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 1_000).unref();
      }),
  };
}
