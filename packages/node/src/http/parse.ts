/** What a path below /trace asks for. */
export type TraceRequest =
  | { readonly kind: 'list-nodes'; readonly list: number; readonly level: number }
  | {
      readonly kind: 'nodes';
      readonly list: number;
      readonly tensor: number;
      readonly level: number;
    }
  | { readonly kind: 'leaves'; readonly list: number; readonly tensor: number };

export interface TracePath {
  readonly job: string;
  readonly request: TraceRequest;
  readonly positions: readonly number[];
}

/** Nodes or leaves that one request may ask for. */
export const MOST_POSITIONS = 256;

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

/**
 * Parts of a path below /trace; null: malformed.
 * - `{job}/list/{list}/{level}/{position,…}`
 * - `{job}/node/{list}/{tensor}/{level}/{position,…}`
 * - `{job}/leaf/{list}/{tensor}/{leaf,…}`
 */
export function parseTracePath(parts: readonly string[]): TracePath | null {
  const [job = '', what, listText, ...rest] = parts;
  const list = parseIndex(listText);
  const positions = parsePositions(rest.at(-1));
  if (!/^0x[0-9a-f]{64}$/.test(job) || list === null || list > 3 || positions === null) return null;
  const [first, second] = [parseIndex(rest[0]), parseIndex(rest[1])];
  if (what === 'list' && rest.length === 2 && first !== null) {
    return { job, positions, request: { kind: 'list-nodes', list, level: first } };
  }
  if (what === 'leaf' && rest.length === 2 && first !== null) {
    return { job, positions, request: { kind: 'leaves', list, tensor: first } };
  }
  if (what === 'node' && rest.length === 3 && first !== null && second !== null) {
    return { job, positions, request: { kind: 'nodes', list, tensor: first, level: second } };
  }
  return null;
}
