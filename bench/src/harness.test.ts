import { describe, expect, it } from 'vitest';
import { scoreSession, timeSession } from './harness.ts';
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
const time = (s: Session): Promise<unknown> => timeSession(s, inputs, 3, clock());

describe('timeSession', () => {
  it('gives medians and spread of each step', async () => {
    expect(await time(session())).toEqual({
      inferMs: { median: 6, min: 2, max: 10 },
      proveMs: { median: 7, min: 3, max: 11 },
      verifyMs: { median: 8, min: 4, max: 12 },
      proofBytes: 3,
      securityBits: 128,
      zk: false,
      threads: 2,
      stages: { commit: 5 },
    });
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
      proof[1] === 6 || ++calls === 3 ? 'proof/late' : null;
    await expect(time(session({ verify }))).rejects.toMatchObject({
      details: 'run 1: rejected with proof/late',
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
