import { AssayError } from '@assay/core/errors';
import type { LoadedCase } from './cases/index.ts';
import type { Pipeline, Proven, Session, Tensors } from './pipeline.ts';
import { type Accuracy, accuracyOf } from './score/accuracy.ts';
import { type Spread, spreadOf } from './statistics.ts';

export interface Timings {
  readonly inferMs: Spread;
  readonly proveMs: Spread;
  readonly verifyMs: Spread;
  readonly proofBytes: number;
  readonly securityBits: number;
  readonly zk: boolean;
  readonly threads: number;
  /** Median time of each stage of the prover. */
  readonly stages: Readonly<Record<string, number>>;
}

/**
 * Checks that a proof is accepted, has the outputs of the plain execution, and is rejected with one
 * of its bits changed; then times `runs` repetitions. A bench of something broken has no figures.
 *
 * @throws {AssayError} ASSAY_BENCH_WRONG_RESULT
 */
export async function timeSession(
  session: Session,
  inputs: Tensors,
  runs: number,
  nowMs: () => number,
): Promise<Timings> {
  const inferred = await session.infer(inputs);
  checkProof(session, inferred, await session.prove(inputs));
  const times = { infer: [] as number[], prove: [] as number[], verify: [] as number[] };
  const stages = new Map<string, number[]>();
  let proofBytes = 0;
  for (let run = 0; run < runs; run++) {
    const start = nowMs();
    await session.infer(inputs);
    const executed = nowMs();
    const { proof, statement, stages: parts } = await session.prove(inputs);
    const proven = nowMs();
    const rejection = session.verify(proof, statement);
    const verified = nowMs();
    if (rejection !== null) throw wrong(`run ${run}: rejected with ${rejection}`);
    times.infer.push(executed - start);
    times.prove.push(proven - executed);
    times.verify.push(verified - proven);
    for (const { name, ms } of parts) stages.set(name, [...(stages.get(name) ?? []), ms]);
    proofBytes = proof.length;
  }
  return {
    inferMs: spreadOf(times.infer),
    proveMs: spreadOf(times.prove),
    verifyMs: spreadOf(times.verify),
    proofBytes,
    securityBits: session.securityBits,
    zk: session.zk,
    threads: session.threads,
    stages: Object.fromEntries([...stages].map(([name, ms]) => [name, spreadOf(ms).median])),
  };
}

function checkProof(session: Session, inferred: Tensors, proven: Proven): void {
  const { proof, statement, outputs } = proven;
  if (!sameTensors(inferred, outputs)) {
    throw wrong('the outputs of the proof are not those of the execution');
  }
  const rejection = session.verify(proof, statement);
  if (rejection !== null) throw wrong(`an honest proof was rejected with ${rejection}`);
  const forged = proof.slice();
  const middle = forged.length >> 1;
  forged[middle] = (forged[middle] ?? 0) ^ 1;
  if (session.verify(forged, statement) === null) {
    throw wrong('a proof with a changed bit was accepted');
  }
}

/** Accuracy of the program on all scored inputs, against the float model. */
export async function scoreSession(
  pipeline: Pipeline,
  session: Session,
  loaded: LoadedCase,
): Promise<Accuracy> {
  const float = await pipeline.float(loaded.model, loaded.scored);
  const program: Tensors[] = [];
  for (const inputs of loaded.scored) program.push(await session.infer(inputs));
  return accuracyOf(float.map(firstOutput), program.map(firstOutput), loaded.truth);
}

/** The model's first output is the one that is scored. */
export function firstOutput(outputs: Tensors): Float32Array {
  const [first] = Object.values(outputs);
  if (first === undefined) throw wrong('the model has no output');
  return first;
}

function sameTensors(a: Tensors, b: Tensors): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => {
      const [x, y] = [a[name], b[name]];
      return x?.length === y?.length && x?.every((value, i) => value === y?.[i]) === true;
    })
  );
}

function wrong(details: string): AssayError {
  return new AssayError({
    code: 'ASSAY_BENCH_WRONG_RESULT',
    shortMessage: 'The result is wrong, so it is not timed.',
    details,
  });
}
