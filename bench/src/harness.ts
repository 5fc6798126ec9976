import { AssayError } from '@assay/core/errors';
import type { LoadedCase } from './cases/index.ts';
import type { Pipeline, Proven, Session, Tensors } from './pipeline.ts';
import { type Accuracy, accuracyOf } from './score/accuracy.ts';
import { type Spread, spreadOf } from './statistics.ts';

export interface Timings {
  readonly inferMs: Spread;
  readonly proveMs: Spread;
  readonly verifyMs: Spread;
  /** With a key that is prepared. */
  readonly verifyPreparedMs: Spread;
  /** Time on all processors together: what else the machine does hardly enters it. */
  readonly proveCpuMs: Spread;
  readonly verifyCpuMs: Spread;
  /** Of the median run: proofs of one statement differ by the rows that happen to be opened twice. */
  readonly proofBytes: number;
  readonly securityBits: number;
  readonly zk: boolean;
  readonly hidden: readonly string[];
  readonly threads: number;
  /** Median time of each stage of the prover. */
  readonly stages: Readonly<Record<string, number>>;
  /** Verifying the registration proof of hidden weights; null where they are public. */
  readonly verifyModelMs: Spread | null;
  /** Beside the first session, run by run; null for the first. */
  readonly overFirst: Readonly<
    Record<'prove' | 'verify' | 'proveCpu' | 'verifyCpu', Spread>
  > | null;
}

/** Proofs before those that are timed, for the compiler of JavaScript to settle. */
export const WARM_RUNS = 4;

/** Everything that was measured of one session, run by run. */
interface Runs {
  readonly infer: number[];
  readonly prove: number[];
  readonly verify: number[];
  readonly verifyPrepared: number[];
  readonly verifyModel: number[];
  readonly proveCpu: number[];
  readonly verifyCpu: number[];
  readonly proofBytes: number[];
  readonly stages: Map<string, number[]>;
}

/** `timeSessions` of one. */
export async function timeSession(
  session: Session,
  inputs: Tensors,
  runs: number,
  nowMs: () => number,
  cpuMs?: () => number,
): Promise<Timings> {
  const [timings] = await timeSessions([session], inputs, runs, nowMs, cpuMs);
  if (timings === undefined) throw new RangeError('timeSession: expected a session, got none');
  return timings;
}

/**
 * Checks of each session that a proof is accepted, has the outputs of the plain execution, and is
 * rejected with one of its bits changed; then times `runs` repetitions. A bench of something broken
 * has no figures.
 *
 * In each repetition every session has its turn, another one first each time: what else the machine
 * does meanwhile befalls all of them. Each has a nonce of its own, so that no session has the luck
 * of one transcript in its proofs of work.
 *
 * @throws {AssayError} ASSAY_BENCH_WRONG_RESULT
 */
export async function timeSessions(
  sessions: readonly Session[],
  inputs: Tensors,
  runs: number,
  nowMs: () => number,
  cpuMs: () => number = processorMs,
): Promise<Timings[]> {
  const measured = sessions.map((): Runs => {
    const list = (): number[] => [];
    return {
      infer: list(),
      prove: list(),
      verify: list(),
      verifyPrepared: list(),
      verifyModel: list(),
      proveCpu: list(),
      verifyCpu: list(),
      proofBytes: list(),
      stages: new Map(),
    };
  });
  for (const session of sessions) {
    checkProof(session, await session.infer(inputs), await session.prove(inputs));
    const rejection = session.verifyModel?.() ?? null;
    if (rejection !== null) throw wrong(`the registration was rejected with ${rejection}`);
  }
  for (let run = 0; run < WARM_RUNS; run++) {
    for (const session of sessions) {
      const { proof, statement } = await session.prove(inputs);
      const rejection = session.verify(proof, statement);
      if (rejection !== null) throw wrong(`before run 0: rejected with ${rejection}`);
    }
  }
  for (let run = 0; run < runs; run++) {
    for (let turn = 0; turn < sessions.length; turn++) {
      const at = (run + turn) % sessions.length;
      const [session, times] = [sessions[at], measured[at]];
      if (session === undefined || times === undefined) continue;
      await timeRun(session, inputs, run, times, { nowMs, cpuMs });
    }
  }
  const [first] = measured;
  return sessions.map((session, i) => {
    const times = measured[i] ?? first;
    if (times === undefined) throw new RangeError('timeSessions: expected sessions, got none');
    const { securityBits, zk, hidden, threads } = session;
    return {
      inferMs: spreadOf(times.infer),
      proveMs: spreadOf(times.prove),
      verifyMs: spreadOf(times.verify),
      verifyPreparedMs: spreadOf(times.verifyPrepared),
      proveCpuMs: spreadOf(times.proveCpu),
      verifyCpuMs: spreadOf(times.verifyCpu),
      proofBytes: Math.round(spreadOf(times.proofBytes).median),
      securityBits,
      zk,
      hidden,
      threads,
      stages: Object.fromEntries(
        [...times.stages].map(([name, ms]) => [name, spreadOf(ms).median]),
      ),
      verifyModelMs: times.verifyModel.length === 0 ? null : spreadOf(times.verifyModel),
      overFirst:
        i === 0 || first === undefined
          ? null
          : {
              prove: spreadOf(quotients(times.prove, first.prove)),
              verify: spreadOf(quotients(times.verify, first.verify)),
              proveCpu: spreadOf(quotients(times.proveCpu, first.proveCpu)),
              verifyCpu: spreadOf(quotients(times.verifyCpu, first.verifyCpu)),
            },
    };
  });
}

function quotients(dividends: readonly number[], divisors: readonly number[]): number[] {
  return dividends.map((dividend, i) => dividend / (divisors[i] ?? Number.NaN));
}

/** All threads of this process. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

interface Clocks {
  readonly nowMs: () => number;
  readonly cpuMs: () => number;
}

/** One execution, proof and verification. */
async function timeRun(
  session: Session,
  inputs: Tensors,
  run: number,
  times: Runs,
  { nowMs, cpuMs }: Clocks,
): Promise<void> {
  const nonce = Uint8Array.of(run & 255, run >>> 8);
  const start = nowMs();
  await session.infer(inputs);
  const cpuExecuted = cpuMs();
  const executed = nowMs();
  const { proof, statement, stages } = await session.prove(inputs, nonce);
  const proven = nowMs();
  const cpuProven = cpuMs();
  const rejection = session.verify(proof, statement);
  const verified = nowMs();
  const cpuVerified = cpuMs();
  if (rejection !== null) throw wrong(`run ${run}: rejected with ${rejection}`);
  times.infer.push(executed - start);
  times.prove.push(proven - executed);
  times.verify.push(verified - proven);
  times.proveCpu.push(cpuProven - cpuExecuted);
  times.verifyCpu.push(cpuVerified - cpuProven);
  times.proofBytes.push(proof.length);
  for (const { name, ms } of stages)
    times.stages.set(name, [...(times.stages.get(name) ?? []), ms]);
  const again = nowMs();
  if (session.verifyPrepared(proof, statement) !== null) throw wrong(`run ${run}: rejected`);
  times.verifyPrepared.push(nowMs() - again);
  if (session.verifyModel === null) return;
  const begun = nowMs();
  session.verifyModel();
  times.verifyModel.push(nowMs() - begun);
}

function checkProof(session: Session, inferred: Tensors, proven: Proven): void {
  const { proof, statement, outputs } = proven;
  if (!sameTensors(inferred, outputs)) {
    throw wrong('the outputs of the proof are not those of the execution');
  }
  const rejection = session.verify(proof, statement) ?? session.verifyPrepared(proof, statement);
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
