import { AssayError } from '@assay/core/errors';
import type { TreeReader } from '@assay/runtime/trace';

/** Code of what a reader rejects with whose time is over. */
export const TOO_SLOW = 'ASSAY_TRACE_SLOW';

/** A reader that gives nothing more from a time on: a provider that answers, but slowly, withholds. */
export function timedReader(reader: TreeReader, until: number, now: () => number): TreeReader {
  const inTime = async <T>(read: () => Promise<T>): Promise<T> => {
    if (now() < until) return read();
    throw new AssayError({
      code: TOO_SLOW,
      shortMessage: 'served trace: it is served too slowly to be searched in time',
    });
  };
  return {
    root: (list) => inTime(() => reader.root(list)),
    listNode: (list, level, at) => inTime(() => reader.listNode(list, level, at)),
    node: (list, tensor, level, at) => inTime(() => reader.node(list, tensor, level, at)),
    leaf: (list, tensor, leaf) => inTime(() => reader.leaf(list, tensor, leaf)),
  };
}
