import type { HttpAnswer, HttpRoute } from '@assay/market/node';
import type { ListId, TraceTrees } from '@assay/program/trace';
import type { Metrics } from '../metrics.ts';
import { parseTracePath, type TraceRequest } from './parse.ts';

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

/** What is served besides artefacts. */
export interface Content {
  health(): Health;
  /** Null: no such job, or its trace is not served. */
  trees(job: string): Promise<ServedTrees | null>;
}

const plain = (status: number, text: string): HttpAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: `${text}\n`,
});

function nodeOf(trees: ServedTrees, request: TraceRequest, position: number): Uint8Array | null {
  switch (request.kind) {
    case 'list-nodes':
      return trees.listNode(request.list, request.level, position);
    case 'nodes':
      return trees.node(request.list, request.tensor, request.level, position);
    case 'leaves':
      return trees.leaf(request.list, request.tensor, position);
  }
}

async function traceAnswer(path: readonly string[], content: Content): Promise<HttpAnswer> {
  const wanted = parseTracePath(path);
  if (wanted === null) return plain(400, 'no such path');
  const trees = await content.trees(wanted.job);
  if (trees === null) return plain(404, 'no such trace');
  const found: Uint8Array[] = [];
  for (const position of wanted.positions) {
    const node = nodeOf(trees, wanted.request, position);
    if (node === null) return plain(404, 'no such node');
    found.push(node);
  }
  return { status: 200, body: new Uint8Array(Buffer.concat(found)) };
}

/**
 * /healthz: 200 or 503, with JSON. /metrics: for Prometheus. /trace/…: 32-byte nodes or 128-byte leaves,
 * in the order in which the path asks for them.
 */
export function nodeRoutes(
  content: Content,
  { registry, requests }: Metrics,
): readonly HttpRoute[] {
  const counted = (
    prefix: string,
    handle: (path: readonly string[]) => Promise<HttpAnswer>,
  ): HttpRoute => ({
    prefix,
    handle: async ({ path }) => {
      try {
        const answer = await handle(path);
        requests.inc({ route: prefix, status: String(answer.status) });
        return answer;
      } catch (cause) {
        requests.inc({ route: prefix, status: '500' });
        throw cause;
      }
    },
  });
  return [
    counted('healthz', async () => {
      const { ok, details } = content.health();
      const body = `${JSON.stringify({ ok, ...details })}\n`;
      return { status: ok ? 200 : 503, headers: { 'content-type': 'application/json' }, body };
    }),
    counted('metrics', async () => ({
      status: 200,
      headers: { 'content-type': registry.contentType },
      body: await registry.metrics(),
    })),
    counted('trace', (path) => traceAnswer(path, content)),
  ];
}

function isList(list: number): list is ListId {
  return list === 0 || list === 1 || list === 2 || list === 3;
}

/** Null instead of an exception: positions are a stranger's. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof RangeError) return null;
    throw cause;
  }
}

/** Trees of a run as they are served. */
export function servedTrees(trees: TraceTrees): ServedTrees {
  return {
    listNode: (list, level, position) =>
      isList(list) ? orNull(() => trees.lists[list].node(level, position)) : null,
    node: (list, tensor, level, position) => {
      const tree = isList(list) ? trees.trees[list][tensor] : undefined;
      return tree === undefined ? null : orNull(() => tree.node(level, position));
    },
    leaf: (list, tensor, position) => {
      const tree = isList(list) ? trees.trees[list][tensor] : undefined;
      return tree === undefined || position >= 2 ** tree.depth ? null : tree.leaf(position);
    },
  };
}
