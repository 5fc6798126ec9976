import { AssayError } from '@assay/core/errors';
import { LEAF_BYTES } from '@assay/program/trace';
import type { SubmittedList, TreeReader } from '@assay/runtime/trace';
import type { Hex } from 'viem';
import { fetchBytes, type FetchLimits } from '../artefacts/index.ts';

const NODE_BYTES = 32;
/** What one request asks for. */
const BATCH = 128;

export interface HttpTreesOptions {
  /** Where the provider serves; the first that answers is asked. */
  readonly endpoints: readonly string[];
  readonly job: Hex;
  /** Roots of the submission: from the chain. */
  readonly roots: Readonly<Record<SubmittedList, Uint8Array>>;
  readonly limits?: Omit<FetchLimits, 'maxBytes'> | undefined;
}

interface Wanted {
  readonly position: number;
  readonly done: (bytes: Uint8Array) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Trees of a submission over HTTP (`GET /trace/{job}/…`), for `findFraud`, which checks what it reads
 * against the roots. What is asked for at once, of one level of one tree, is one request.
 *
 * Its methods throw {AssayError} ASSAY_TRACE_WITHHELD: not served, or not in the right size.
 */
export function httpTreeReader(options: HttpTreesOptions): TreeReader {
  const waiting = new Map<string, Wanted[]>();
  const ask = (path: string, position: number, width: number): Promise<Uint8Array> =>
    new Promise((done, failed) => {
      const batch = waiting.get(path) ?? [];
      batch.push({ position, done, failed });
      if (batch.length > 1) return;
      waiting.set(path, batch);
      queueMicrotask(() => {
        waiting.delete(path);
        for (let at = 0; at < batch.length; at += BATCH) {
          void answer(options, path, batch.slice(at, at + BATCH), width);
        }
      });
    });
  return {
    root: (list) => Promise.resolve(options.roots[list]),
    listNode: (list, level, position) => ask(`list/${list}/${level}`, position, NODE_BYTES),
    node: (list, tensor, level, position) =>
      ask(`node/${list}/${tensor}/${level}`, position, NODE_BYTES),
    leaf: (list, tensor, leaf) => ask(`leaf/${list}/${tensor}`, leaf, LEAF_BYTES),
  };
}

async function answer(
  options: HttpTreesOptions,
  path: string,
  batch: readonly Wanted[],
  width: number,
): Promise<void> {
  try {
    const positions = batch.map(({ position }) => position).join(',');
    const bytes = await fetchTrace(options, `${path}/${positions}`, batch.length * width);
    for (const [i, { done }] of batch.entries()) done(bytes.slice(i * width, (i + 1) * width));
  } catch (error) {
    for (const { failed } of batch) failed(error);
  }
}

async function fetchTrace(
  { endpoints, job, limits }: HttpTreesOptions,
  path: string,
  size: number,
): Promise<Uint8Array> {
  const reasons: string[] = [];
  for (const endpoint of endpoints) {
    const url = `${endpoint.replace(/\/+$/, '')}/trace/${job}/${path}`;
    try {
      const bytes = await fetchBytes(url, { ...limits, maxBytes: size });
      if (bytes.length === size) return bytes;
      reasons.push(`${url}: ${bytes.length} bytes instead of ${size}`);
    } catch (error) {
      reasons.push(error instanceof AssayError ? error.shortMessage : String(error));
    }
  }
  throw new AssayError({
    code: 'ASSAY_TRACE_WITHHELD',
    shortMessage: `the trace of job ${job.slice(0, 10)}… is not served`,
    details: reasons.join('\n'),
  });
}
