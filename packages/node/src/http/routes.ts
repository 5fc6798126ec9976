/** What a path asks for; null: nothing that is served. */
export type Route =
  | { readonly kind: 'health' }
  | { readonly kind: 'metrics' }
  | { readonly kind: 'artefact'; readonly digest: string }
  | {
      readonly kind: 'list-nodes';
      readonly job: string;
      readonly list: number;
      readonly level: number;
      readonly positions: readonly number[];
    }
  | {
      readonly kind: 'nodes';
      readonly job: string;
      readonly list: number;
      readonly tensor: number;
      readonly level: number;
      readonly positions: readonly number[];
    }
  | {
      readonly kind: 'leaves';
      readonly job: string;
      readonly list: number;
      readonly tensor: number;
      readonly positions: readonly number[];
    };

/** Nodes or leaves that one request may ask for. */
export const MOST_POSITIONS = 256;
const MOST_PATH = 4096;

/** Decimal without leading zeros, below 2^32. */
function parseIndex(text: string | undefined): number | null {
  if (text === undefined || !/^(0|[1-9]\d{0,9})$/.test(text)) return null;
  const value = Number(text);
  return value < 2 ** 32 ? value : null;
}

function parsePositions(text: string | undefined): readonly number[] | null {
  if (text === undefined) return null;
  const parts = text.split(',', MOST_POSITIONS + 1);
  if (parts.length > MOST_POSITIONS) return null;
  const positions = parts.flatMap((part) => parseIndex(part) ?? []);
  return positions.length === parts.length ? positions : null;
}

function parseTrace(parts: readonly string[]): Route | null {
  const [job = '', what, list, ...rest] = parts;
  const listIndex = parseIndex(list);
  const positions = parsePositions(rest.at(-1));
  if (!/^0x[0-9a-f]{64}$/.test(job) || listIndex === null || listIndex > 3 || positions === null) {
    return null;
  }
  const of = { job, list: listIndex, positions };
  const [first, second] = [parseIndex(rest[0]), parseIndex(rest[1])];
  if (what === 'list' && rest.length === 2 && first !== null) {
    return { kind: 'list-nodes', ...of, level: first };
  }
  if (what === 'leaf' && rest.length === 2 && first !== null) {
    return { kind: 'leaves', ...of, tensor: first };
  }
  if (what === 'node' && rest.length === 3 && first !== null && second !== null) {
    return { kind: 'nodes', ...of, tensor: first, level: second };
  }
  return null;
}

/**
 * - `/healthz`, `/metrics`
 * - `/artefacts/{sha-256}`
 * - `/trace/{job}/list/{list}/{level}/{position,…}`
 * - `/trace/{job}/node/{list}/{tensor}/{level}/{position,…}`
 * - `/trace/{job}/leaf/{list}/{tensor}/{leaf,…}`
 */
export function parseRoute(path: string): Route | null {
  if (path.length > MOST_PATH) return null;
  if (path === '/healthz') return { kind: 'health' };
  if (path === '/metrics') return { kind: 'metrics' };
  const [empty, head, ...rest] = path.split('/');
  if (empty !== '') return null;
  if (head === 'trace') return parseTrace(rest);
  const [digest = ''] = rest;
  if (head === 'artefacts' && rest.length === 1 && /^[0-9a-f]{64}$/.test(digest)) {
    return { kind: 'artefact', digest };
  }
  return null;
}
