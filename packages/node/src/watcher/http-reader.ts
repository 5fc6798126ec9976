import { AssayError } from '@assay/core/errors';
import { bytesOf, fetchBytes, type FetchLimits, type Submission } from '@assay/market';
import type { TreeReader } from '@assay/runtime/trace';

const NODE_BYTES = 32;
const LEAF_BYTES = 128;

/** Nodes of a job's trees as its provider serves them, one at a time: as many as a dozen are needed. */
export function httpTreeReader(
  endpoint: string,
  { job, traceRoot, outputRoot }: Submission,
  limits: Omit<FetchLimits, 'maxBytes'> = {},
): TreeReader {
  const base = `${endpoint.replace(/\/+$/, '')}/trace/${job.toLowerCase()}`;
  const get = async (path: string, bytes: number): Promise<Uint8Array> => {
    const answer = await fetchBytes(`${base}/${path}`, { ...limits, maxBytes: bytes });
    if (answer.length === bytes) return answer;
    throw new AssayError({
      code: 'ASSAY_TRACE_REFUSED',
      shortMessage: `${base}/${path}: ${answer.length} bytes instead of ${bytes}`,
    });
  };
  return {
    root: async (list) => bytesOf(list === 2 ? traceRoot : outputRoot),
    listNode: (list, level, position) => get(`list/${list}/${level}/${position}`, NODE_BYTES),
    node: (list, tensor, level, position) =>
      get(`node/${list}/${tensor}/${level}/${position}`, NODE_BYTES),
    leaf: (list, tensor, position) => get(`leaf/${list}/${tensor}/${position}`, LEAF_BYTES),
  };
}
