import { createEngine } from '@assay/core/engine';
import {
  encodeValues,
  hexOf,
  jobId,
  MarketCalls,
  type MarketReads,
  type PreparedJob,
  prepareJob,
  valuesRoot,
} from '@assay/market';
import type { LocalMarket } from '@assay/market/testing';
import type { ServedModel } from '@assay/node';
import { executePorts, quantizeInput } from '@assay/runtime';
import { createNodePool } from '@assay/runtime/node';
import { commitTrace } from '@assay/runtime/trace';
import type { Hex } from 'viem';
import type { Tensors } from '../pipeline.ts';

/** A job, and what an honest run of it gives. */
export interface ExpectedJob extends PreparedJob {
  readonly id: Hex;
  readonly output: Hex;
  readonly outputRoot: Hex;
  readonly traceRoot: Hex;
}

export interface JobTerms {
  readonly count: number;
  readonly requester: Hex;
  readonly modelId: Hex;
  readonly maxPrice: bigint;
  /** Of the chain's clock. */
  readonly lockSeconds: number;
  readonly workSeconds: number;
  readonly windowSeconds: number;
}

/** Jobs over the inputs in turn, with trace evidence. Outputs and trace roots are computed here once for each input. */
export async function listJobs(
  model: ServedModel,
  inputs: readonly Tensors[],
  market: LocalMarket,
  reads: MarketReads,
  terms: JobTerms,
): Promise<readonly ExpectedJob[]> {
  const { program, weights, trace, constants } = model;
  if (trace === null)
    throw new TypeError(`listJobs: expected a trace: ${model.traceRefusal ?? ''}`);
  const { timestamp } = await reads.head();
  const { version, rules } = await reads.activeRules(timestamp);
  const pool = await createNodePool({ threads: 1 });
  const engine = createEngine(pool);
  const runs = inputs.slice(0, terms.count).map((tensors) => {
    const values = new Map(
      program.inputs.map((port) => [
        port.name,
        quantizeInput(program, port, tensors[port.name] ?? []).values,
      ]),
    );
    const run = executePorts(program, weights, values, engine);
    const trees = commitTrace(trace, program, weights, run.trace, { engine, constants });
    const output = encodeValues(program.outputs, run.outputs);
    return {
      values,
      output: hexOf(output),
      outputRoot: hexOf(valuesRoot(program.outputs, output)),
      traceRoot: hexOf(trees.roots.roots[2]),
    };
  });
  await pool.close();
  const { chainId } = market.addresses;
  return Array.from({ length: terms.count }, (_, i): ExpectedJob => {
    const run = runs[i % runs.length];
    if (run === undefined) throw new TypeError('listJobs: expected an input');
    const nonce = new Uint8Array(32);
    new DataView(nonce.buffer).setUint32(28, i + 1);
    const { values, ...expected } = run;
    const prepared = prepareJob(
      {
        ...terms,
        program,
        input: { kind: 'inline', values },
        evidence: ['trace'],
        rampSeconds: 1,
      },
      { requester: terms.requester, unixSeconds: timestamp, rulesVersion: version, rules, nonce },
    );
    const id = jobId({ chainId, market: market.addresses.market }, prepared.params);
    return { ...prepared, ...expected, id };
  });
}

/** `post` of each job as a transaction. */
export function postCalls(
  market: LocalMarket,
  jobs: readonly ExpectedJob[],
): readonly { readonly to: Hex; readonly data: Hex }[] {
  const calls = new MarketCalls(market.addresses);
  return jobs.map(({ params, input }) => calls.post(params, input));
}
