import { describe, expect, it } from 'vitest';
import { scoreSession, timeSession, timeSessions, WARM_RUNS } from './harness.ts';
import type { Pipeline, Session, Tensors } from './pipeline.ts';

/** A stand-in for a prover: its proof is the output and a mark. */
function session(change: Partial<Session> = {}): Session {
  const outputs = (inputs: Tensors): Tensors => ({
    y: Float32Array.from(inputs['x'] ?? [], (value) => 2 * value),
  });
  return {
    threads: 2,
    securityBits: 128,
    zk: false,
    hidden: [],
    verifyModel: null,
    verifyPrepared: () => null,
    infer: async (inputs) => outputs(inputs),
    prove: async (inputs) => ({
      proof: Uint8Array.of(7, 7, 7),
      statement: null,
      outputs: outputs(inputs),
      stages: [{ name: 'commit', ms: 5 }],
    }),
    verify: (proof) => (proof.every((byte) => byte === 7) ? null : 'proof/changed'),
    close: async () => {},
    ...change,
  };
}

/** A clock that advances by 1, 2, 3, … */
function clock(): () => number {
  let [now, step] = [0, 0];
  return () => {
    now += ++step;
    return now;
  };
}

const inputs: Tensors = { x: Float32Array.of(1, 2) };
const time = (s: Session): Promise<unknown> => timeSession(s, inputs, 3, clock(), () => 0);

describe('timeSession', () => {
  it('gives medians and spread of each step', async () => {
    expect(await time(session())).toEqual({
      inferMs: { median: 8, min: 2, max: 14 },
      proveMs: { median: 9, min: 3, max: 15 },
      verifyMs: { median: 10, min: 4, max: 16 },
      verifyPreparedMs: { median: 12, min: 6, max: 18 },
      proveCpuMs: { median: 0, min: 0, max: 0 },
      verifyCpuMs: { median: 0, min: 0, max: 0 },
      proofBytes: 3,
      securityBits: 128,
      zk: false,
      hidden: [],
      threads: 2,
      stages: { commit: 5 },
      verifyModelMs: null,
      overFirst: null,
    });
  });

  it('gives every repetition a nonce of its own', async () => {
    const nonces: (number[] | null)[] = [];
    const plain = session();
    const prove: Session['prove'] = (values, nonce) => {
      nonces.push(nonce === undefined ? null : [...nonce]);
      return plain.prove(values, nonce);
    };
    await time(session({ prove }));
    expect(nonces).toEqual([...Array(1 + WARM_RUNS).fill(null), [0, 0], [1, 0], [2, 0]]);
  });

  it.each([
    ['an honest proof was rejected with x/y', { verify: () => 'x/y' }],
    ['a proof with a changed bit was accepted', { verify: () => null }],
    [
      'the outputs of the proof are not those of the execution',
      { infer: async () => ({ y: Float32Array.of(2, 5) }) },
    ],
  ])('has no figures when %s', async (details, change: Partial<Session>) => {
    await expect(time(session(change))).rejects.toMatchObject({
      code: 'ASSAY_BENCH_WRONG_RESULT',
      details,
    });
  });

  it('stops at a rejection between two runs', async () => {
    let calls = 0;
    const verify: Session['verify'] = (proof) =>
      proof[1] === 6 || ++calls === 3 + WARM_RUNS ? 'proof/late' : null;
    await expect(time(session({ verify }))).rejects.toMatchObject({
      details: 'run 1: rejected with proof/late',
    });
  });
});

describe('timeSessions', () => {
  /** A session whose proofs take `ms` on the clock that it shares, and are as many bytes long. */
  function slow(ms: number, turns: string[], now: { ms: number }): Session {
    const base = session({ verifyModel: () => null });
    return {
      ...base,
      zk: ms > 1,
      verify: (proof) => (proof.every((byte) => byte === 7) ? null : 'proof/changed'),
      prove: async (values) => {
        turns.push(String(ms));
        now.ms += ms;
        return { ...(await base.prove(values)), proof: new Uint8Array(ms).fill(7) };
      },
    };
  }

  it('takes turns, another first each time, and compares run by run', async () => {
    const [turns, now] = [[] as string[], { ms: 0 }];
    const sessions = [1, 3, 5].map((ms) => slow(ms, turns, now));
    const timings = await timeSessions(
      sessions,
      inputs,
      3,
      () => now.ms,
      () => 2 * now.ms,
    );
    expect(turns.join('')).toBe('135'.repeat(1 + WARM_RUNS) + '135' + '351' + '513');
    expect(timings.map(({ overFirst }) => overFirst?.prove.median ?? null)).toEqual([null, 3, 5]);
    expect(timings.map(({ proveCpuMs }) => proveCpuMs.median)).toEqual([2, 6, 10]);
    expect(timings[2]?.overFirst?.proveCpu.median).toBe(5);
    expect(timings.map(({ proofBytes }) => proofBytes)).toEqual([1, 3, 5]);
    expect(timings.map(({ zk }) => zk)).toEqual([false, true, true]);
    expect(timings[1]?.verifyModelMs).toEqual({ median: 0, min: 0, max: 0 });
  });

  it('has no figures when a registration is rejected', async () => {
    const sessions = [session(), session({ verifyModel: () => 'proof/registration' })];
    await expect(timeSessions(sessions, inputs, 3, clock())).rejects.toMatchObject({
      code: 'ASSAY_BENCH_WRONG_RESULT',
      details: 'the registration was rejected with proof/registration',
    });
  });
});

describe('scoreSession', () => {
  it('compares the first output of each sample with the float model', async () => {
    const float: Pipeline['float'] = async (_model, samples) =>
      samples.map((sample) => ({
        y: sample['x'] ?? new Float32Array(),
        other: new Float32Array(),
      }));
    const loaded = {
      model: new Uint8Array(),
      calibration: [],
      scored: [inputs, inputs],
      truth: { labels: [1, 0], targets: null },
    };
    const pipeline = { float } as unknown as Pipeline;
    expect(await scoreSession(pipeline, session(), loaded)).toMatchObject({
      top1: 1,
      samples: 2,
      labelled: { float: 0.5, program: 0.5 },
    });
  });
});
