import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProofReader, ProofWriter } from '../codec/index.ts';
import { createEngine, type KVec, testEngine } from '../engine/index.ts';
import { createWasmExecutor } from '../engine/wasm-executor.ts';
import {
  addK,
  intK,
  invK,
  isZeroK,
  type K,
  mulK,
  negK,
  ONE,
  P,
  subK,
  ZERO,
} from '../field/index.ts';
import { PlainLedger } from '../linear/index.ts';
import { eqTable, evaluateMle } from '../poly/index.ts';
import { PlainSender } from '../sender/index.ts';
import {
  FrozenTranscript,
  OmittingTranscript,
  RecordingTranscript,
  seededElements as some,
} from '../testing/index.ts';
import { TAG_LOGUP_LAYER, TAG_LOGUP_TOP, TAG_ROUND, Transcript } from '../transcript/index.ts';
import { type LogupStart, logupElements, topVariables, verifyLogup } from './index.ts';
import { proveLogup } from './prover.ts';

interface Fractions {
  readonly n: readonly K[];
  readonly d: readonly K[];
}

const at = (values: readonly K[], i: number): K => values[i] ?? ZERO;
const sum = (values: readonly K[]): K => values.reduce(addK, ZERO);
const div = (a: K, b: K): K => mulK(a, invK(b));
const total = ({ n, d }: Fractions): K => sum(n.map((x, i) => div(x, at(d, i))));

/** Random fractions. */
const unbalanced = (seed: number, variables: number): Fractions => ({
  n: some(seed, 2 ** variables),
  d: some(seed + 1, 2 ** variables),
});
/** Random fractions whose last one makes the sum zero. */
const balanced = (seed: number, variables: number): Fractions => {
  const { n, d } = unbalanced(seed, variables);
  const last = n.length - 1;
  const others = total({ n: n.with(last, ZERO), d });
  return { n: n.with(last, negK(mulK(others, at(d, last)))), d };
};

const parent = ({ n, d }: Fractions): Fractions => {
  const half = n.length / 2;
  const pairs = Array.from({ length: half }, (_, i) => [2 * i, 2 * i + 1] as const);
  return {
    n: pairs.map(([l, r]) => addK(mulK(at(n, l), at(d, r)), mulK(at(n, r), at(d, l)))),
    d: pairs.map(([l, r]) => mulK(at(d, l), at(d, r))),
  };
};

interface Proof {
  readonly bytes: Uint8Array;
  readonly point: K[];
  readonly numerator: K;
  readonly denominator: K;
}

/**
 * Reference prover from the definitions, and the best forger that we know. It proves any statement
 * by carrying an error: it balances the top layer, sends true rounds, and puts the error that reaches
 * the end of a layer into n0. Where the transcript does not notice the next message, it samples the
 * challenge first and chooses the message so that the error is gone; from there on it is honest.
 */
function forge({ n, d }: Fractions, transcript: Transcript, start: LogupStart = 'top'): Proof {
  const omits = (): boolean => transcript instanceof OmittingTranscript && transcript.atOmitted;
  const writer = new ProofWriter();
  const layers: Fractions[] = [{ n, d }];
  const top = start === 'root' ? 0 : topVariables(Math.log2(n.length));
  for (let leaves = n.length; leaves > 2 ** top; leaves /= 2) {
    layers.unshift(parent(layers[0] ?? { n, d }));
  }
  const [topLayer = { n, d }, ...children] = layers;

  // top layer: its true sum is −missing
  let numerators = topLayer.n;
  let denominators = topLayer.d;
  let firstLambda: K | null = null;
  const missing = negK(total(topLayer));
  let point: K[] | null = null;
  const samplePoint = (): K[] => Array.from({ length: top }, () => transcript.sampleK());
  if (!isZeroK(missing) && omits() && top > 0) {
    // x/d0 + y/d1 = missing, x·eq_0 + y·eq_1 = 0
    point = samplePoint();
    const [e0 = ZERO, e1 = ZERO] = eqTable(point);
    const [d0 = ONE, d1 = ONE] = topLayer.d;
    const x = div(missing, subK(invK(d0), div(e0, mulK(e1, d1))));
    const y = negK(div(mulK(x, e0), e1));
    numerators = numerators.with(0, addK(at(numerators, 0), x)).with(1, addK(at(numerators, 1), y));
  } else {
    if (start === 'root' && omits() && children.length > 0) {
      // λ·D' = N + λ·D
      firstLambda = transcript.sampleK();
      denominators = [addK(at(denominators, 0), div(at(numerators, 0), firstLambda))];
    }
    numerators = numerators.with(0, addK(at(numerators, 0), mulK(missing, at(topLayer.d, 0))));
  }
  const sent = start === 'root' ? denominators : [...numerators, ...denominators];
  writer.ks(sent);
  transcript.observeK(TAG_LOGUP_TOP, sent);
  let claim = { point: point ?? samplePoint(), numerator: ZERO, denominator: ZERO };
  claim.numerator = evaluateMle(numerators, claim.point);
  claim.denominator = evaluateMle(denominators, claim.point);

  for (const child of children) {
    const lambda = child === children[0] && firstLambda ? firstLambda : transcript.sampleK();
    const split = (values: readonly K[], bit: number): K[] =>
      values.filter((_, i) => i % 2 === bit);
    const [n0, n1, d0, d1] = [
      split(child.n, 0),
      split(child.n, 1),
      split(child.d, 0),
      split(child.d, 1),
    ];
    const g = (p: K[]): K => {
      const [a, b, x, y] = [n0, n1, d0, d1].map((table) => evaluateMle(table, p));
      if (a === undefined || b === undefined || x === undefined || y === undefined) return ZERO;
      return addK(addK(mulK(a, y), mulK(b, x)), mulK(lambda, mulK(x, y)));
    };
    let t = addK(claim.numerator, mulK(lambda, claim.denominator));
    const r: K[] = [];
    for (const [round, rho] of claim.point.entries()) {
      const rest = eqTable(claim.point.slice(round + 1));
      const s = (x: K): K =>
        sum(
          rest.map((e, b) => {
            const free = Math.log2(rest.length);
            const bits = Array.from({ length: free }, (_, j) => intK((b >> (free - 1 - j)) & 1));
            return mulK(e, g([...r, x, ...bits]));
          }),
        );
      const [s0, s1, s2] = [s(ZERO), s(ONE), s(intK(2))];
      // s2 − 2·s1 + s0 = 2·c2
      let c2 = div(addK(subK(s2, addK(s1, s1)), s0), intK(2));
      const claimed1 = div(subK(t, mulK(subK(ONE, rho), s0)), rho);
      let challenge: K | null = null;
      if (omits()) {
        challenge = transcript.sampleK();
        const wanted = subK(subK(s(challenge), s0), mulK(subK(claimed1, s0), challenge));
        c2 = div(wanted, subK(mulK(challenge, challenge), challenge));
      }
      writer.ks([s0, c2]);
      transcript.observeK(TAG_ROUND, [s0, c2]);
      const x = challenge ?? transcript.sampleK();
      r.push(x);
      const c1 = subK(subK(claimed1, s0), c2);
      t = addK(s0, mulK(x, addK(c1, mulK(c2, x))));
    }
    let [a, b] = [evaluateMle(n0, r), evaluateMle(n1, r)];
    const [x, y] = [evaluateMle(d0, r), evaluateMle(d1, r)];
    const error = subK(t, g(r));
    let delta: K | null = null;
    if (omits()) {
      // u·y + v·x = error, (1 − δ)·u + δ·v = 0
      delta = transcript.sampleK();
      const ratio = div(delta, subK(ONE, delta));
      const v = div(error, subK(x, mulK(ratio, y)));
      a = subK(a, mulK(ratio, v));
      b = addK(b, v);
    } else {
      a = addK(a, div(error, y));
    }
    writer.ks([a, b, x, y]);
    transcript.observeK(TAG_LOGUP_LAYER, [a, b, x, y]);
    const challenge = delta ?? transcript.sampleK();
    const interpolate = (u: K, v: K): K => addK(u, mulK(challenge, subK(v, u)));
    claim = {
      point: [...r, challenge],
      numerator: interpolate(a, b),
      denominator: interpolate(x, y),
    };
  }
  return { bytes: writer.finish(), ...claim };
}

const reference = testEngine();
const load = (values: readonly K[], engine = reference): KVec => {
  const v = engine.allocK(values.length);
  engine.writeK(v, values);
  return v;
};

const prove = (
  { n, d }: Fractions,
  transcript = new Transcript(),
  start: LogupStart = 'top',
  engine = reference,
): Proof => {
  const mark = engine.mark();
  const writer = new ProofWriter();
  const [nv, dv] = [load(n, engine), load(d, engine)];
  const inside = engine.mark();
  const sender = new PlainSender(transcript, writer);
  const claim = proveLogup(engine, transcript, sender, nv, dv, start);
  expect(engine.mark()).toBe(inside);
  expect([engine.readAllK(nv), engine.readAllK(dv)]).toEqual([n, d]);
  engine.release(mark);
  return { bytes: writer.finish(), ...claim };
};

/** The verifier as a caller runs it, final claims compared with the true tables. */
const verify = (
  { n, d }: Fractions,
  bytes: Uint8Array,
  transcript: Transcript = new Transcript(),
  start: LogupStart = 'top',
): string => {
  const reader = new ProofReader(bytes);
  const variables = Math.log2(n.length);
  const result = verifyLogup(transcript, reader, new PlainLedger(), variables, start);
  if (!result.ok) {
    const { kind, ...rest } = result.error;
    return [kind, ...Object.values(rest)].join(' ');
  }
  if (!reader.atEnd) return 'trailing bytes';
  const { point, numerator, denominator } = result.value;
  expect(point.length).toBe(Math.log2(n.length));
  if (String(numerator.constant) !== String(evaluateMle(n, point))) return 'numerator';
  if (String(denominator.constant) !== String(evaluateMle(d, point))) return 'denominator';
  return 'accepted';
};

const mutateWord = (bytes: Uint8Array, index: number): Uint8Array => {
  const forged = bytes.slice();
  const view = new DataView(forged.buffer);
  view.setUint32(4 * index, (view.getUint32(4 * index, true) + 1) % P, true);
  return forged;
};

const sizes = [0, 1, 2, 3, 4, 5, 6, 7];
const starts = (['top', 'root'] as const).flatMap((start) =>
  sizes.map((variables) => [start, variables] as const),
);

describe('completeness', () => {
  test.each(starts)(
    '%s, L = %i: engine and reference prover agree, and verify',
    (start, variables) => {
      for (const seed of [1, 20]) {
        const fractions = balanced(seed, variables);
        const proof = prove(fractions, new Transcript(), start);
        const reference = forge(fractions, new Transcript(), start);
        expect(proof).toEqual(reference);
        expect(verify(fractions, proof.bytes, new Transcript(), start)).toBe('accepted');
        expect(proof.bytes.length).toBe(20 * logupElements(variables, start));
        expect(proof.numerator).toEqual(evaluateMle(fractions.n, proof.point));
        expect(proof.denominator).toEqual(evaluateMle(fractions.d, proof.point));
      }
    },
  );

  test('layers of one fraction and more: the same proof from the fast kernels', () => {
    const fast = createEngine(createWasmExecutor());
    for (const [start, variables] of starts) {
      const fractions = balanced(22, variables);
      const { bytes } = prove(fractions, new Transcript(), start);
      expect(prove(fractions, new Transcript(), start, fast).bytes).toEqual(bytes);
    }
  });

  test('padding 0/1 and a lookup: Σ 1/(α − x) = Σ m/(α − t)', () => {
    const alpha = some(3, 1)[0] ?? ONE;
    const lookups = [3, 1, 3, 3, 0, 2, 1, 1, 3, 0, 0, 0];
    const multiplicities = [4, 3, 1, 4];
    const leaf = (x: number): K => subK(alpha, intK(x));
    const n = [
      ...lookups.map(() => ONE),
      ...multiplicities.map((m) => intK(-m)),
      ...Array<K>(48).fill(ZERO),
    ];
    const d = [
      ...lookups.map(leaf),
      ...multiplicities.map((_, t) => leaf(t)),
      ...Array<K>(48).fill(ONE),
    ];
    expect(verify({ n, d }, prove({ n, d }).bytes)).toBe('accepted');
    const wrong = n.with(13, intK(-4));
    expect(verify({ n: wrong, d }, prove({ n: wrong, d }).bytes)).toBe('logup/sum');
  });

  test('prover and verifier observe the same, in the order of the protocol', () => {
    for (const [start, variables] of starts) {
      const fractions = balanced(5, variables);
      const [p, v] = [new RecordingTranscript(), new RecordingTranscript()];
      const { bytes } = prove(fractions, p, start);
      expect(verify(fractions, bytes, v, start)).toBe('accepted');
      expect(v.observed).toEqual(p.observed);
      expect(v.challenges).toEqual(p.challenges);
      const top = start === 'root' ? 0 : topVariables(variables);
      const first = start === 'root' ? 1 : 2 * 2 ** top;
      const expected: [tag: number, length: number][] = [[TAG_LOGUP_TOP, first]];
      for (let layer = top; layer < variables; layer++) {
        for (let round = 0; round < layer; round++) expected.push([TAG_ROUND, 2]);
        expected.push([TAG_LOGUP_LAYER, 4]);
      }
      expect(p.observed.map(({ tag, bytes: b }) => [tag, b.length / 20])).toEqual(expected);
    }
  });

  test('lengths that do not fit are misuse', () => {
    const attempt = (n: number, d: number): void => {
      const vectors = [load(some(1, n)), load(some(2, d))] as const;
      const transcript = new Transcript();
      const sender = new PlainSender(transcript, new ProofWriter());
      proveLogup(reference, transcript, sender, ...vectors, 'top');
    };
    expect(() => attempt(4, 2)).toThrow(RangeError);
    expect(() => attempt(3, 3)).toThrow(RangeError);
  });
});

describe('soundness', () => {
  test.each(sizes)('fractions that do not add up to zero (L = %i)', (variables) => {
    const fractions = unbalanced(7, variables);
    expect(verify(fractions, prove(fractions).bytes)).toBe('logup/sum');
    // a prover that lies about whatever is checked next ends in a false claim about the leaves
    const forged = forge(fractions, new Transcript());
    expect(verify(fractions, forged.bytes)).toBe('numerator');
  });

  test.each(sizes)('a zero denominator anywhere (L = %i)', (variables) => {
    for (const position of new Set([0, Math.floor(2 ** variables / 3), 2 ** variables - 1])) {
      const { n, d } = balanced(9, variables);
      const zero = d.with(position, ZERO);
      const top = Math.floor(position / 2 ** (variables - topVariables(variables)));
      for (const numerator of [at(n, position), ZERO]) {
        const fractions = { n: n.with(position, numerator), d: zero };
        expect(verify(fractions, prove(fractions).bytes)).toBe(`logup/zero-denominator ${top}`);
      }
    }
  });

  test('0/0: an element outside the table hides behind a zero denominator', () => {
    // Σ with n·d1 + n1·d cross-multiplied is zero: only the test D ≠ 0 stands against it
    const { n, d } = unbalanced(11, 6);
    const fractions = { n: n.with(5, ZERO), d: d.with(5, ZERO) };
    expect(verify(fractions, prove(fractions).bytes)).toBe('logup/zero-denominator 2');
  });

  test('a zero denominator that the top layer denies', () => {
    const { n, d } = balanced(12, 6);
    const fractions = { n, d: d.with(0, ZERO) };
    const { bytes } = prove(fractions);
    const writer = new ProofWriter();
    const reader = new ProofReader(bytes);
    const numerators = reader.ks(32);
    const denominators = reader.ks(32).with(0, ONE);
    const others = total({ n: numerators.with(0, ZERO), d: denominators });
    writer.ks(numerators.with(0, negK(others)));
    writer.ks(denominators);
    writer.bytes(bytes.subarray(64 * 20));
    expect(verify(fractions, writer.finish())).toBe('logup/layer 5');
  });

  test.each([2, 5, 7])('every word of the proof changed (L = %i)', (variables) => {
    const fractions = balanced(13, variables);
    const { bytes } = prove(fractions);
    const top = 2 ** topVariables(variables);
    for (let word = 0; word < bytes.length / 4; word++) {
      const reason = verify(fractions, mutateWord(bytes, word));
      const element = Math.floor(word / 5);
      if (element < 2 * top) expect(reason).toBe('logup/sum');
      else expect(reason).toMatch(/^(logup\/layer [56]|numerator|denominator)$/);
    }
  });

  test('top layer changed without changing its sum', () => {
    for (const variables of [4, 6]) {
      const fractions = balanced(14, variables);
      const { bytes } = prove(fractions);
      const count = 2 ** topVariables(variables);
      const reader = new ProofReader(bytes);
      const [n, d] = [reader.ks(count), reader.ks(count)];
      const patch = (numerators: K[], denominators: K[]): Uint8Array => {
        const writer = new ProofWriter();
        writer.ks(numerators);
        writer.ks(denominators);
        writer.bytes(bytes.subarray(40 * count));
        return writer.finish();
      };
      const moved = n.with(0, addK(at(n, 0), at(d, 0))).with(1, subK(at(n, 1), at(d, 1)));
      const scaled = [n, d].map((v) => v.with(2, mulK(at(v, 2), intK(3))));
      const swapped = [n, d].map((v) => v.with(0, at(v, 1)).with(1, at(v, 0)));
      const reasons = [
        patch(moved, d),
        patch(scaled[0] ?? [], scaled[1] ?? []),
        patch(swapped[0] ?? [], swapped[1] ?? []),
      ].map((forged) => verify(fractions, forged));
      for (const reason of reasons)
        expect(reason).toBe(variables > 5 ? 'logup/layer 5' : 'numerator');
    }
  });

  test('children swapped: the layer check is symmetric, the next claim is not', () => {
    const fractions = balanced(15, 7);
    const { bytes } = prove(fractions);
    const swapAt = (element: number): Uint8Array => {
      const reader = new ProofReader(bytes.subarray(20 * element));
      const [n0 = ZERO, n1 = ZERO, d0 = ZERO, d1 = ZERO] = reader.ks(4);
      const writer = new ProofWriter();
      writer.bytes(bytes.subarray(0, 20 * element));
      writer.ks([n1, n0, d1, d0]);
      writer.bytes(bytes.subarray(20 * (element + 4)));
      return writer.finish();
    };
    expect(verify(fractions, swapAt(64 + 10))).toBe('logup/layer 6');
    expect(verify(fractions, swapAt(64 + 14 + 12))).toBe('numerator');
  });

  test('a prover that uses another λ, point or δ than the transcript gives', () => {
    const fractions = balanced(16, 7);
    const recording = new RecordingTranscript();
    const honest = prove(fractions, recording);
    const last = recording.challenges.length - 1;
    for (let i = 0; i <= last; i++) {
      const challenges = recording.challenges.with(i, at(some(70 + i, 1), 0));
      const { bytes } = prove(fractions, new FrozenTranscript({ challenges }));
      const reason = verify(fractions, bytes, new FrozenTranscript(recording));
      if (i === 0 || i === last) {
        // no message depends on the first coordinate (its eq factor is not sent) or on the last δ
        expect(bytes).toEqual(honest.bytes);
        expect(reason).toBe('accepted');
      } else {
        expect(reason).toMatch(/^(logup\/layer [56]|numerator)$/);
      }
    }
  });

  test('a zero coordinate of the point is refused', () => {
    const fractions = balanced(17, 6);
    const recording = new RecordingTranscript();
    prove(fractions, recording);
    for (let round = 0; round < 5; round++) {
      const challenges = recording.challenges.with(round, ZERO);
      const { bytes } = prove(fractions, new FrozenTranscript({ challenges }));
      expect(verify(fractions, bytes, new FrozenTranscript({ challenges }))).toBe(
        `logup/zero-coordinate 5 ${round}`,
      );
    }
  });

  // Observes: 0 the top layer; then, for layers of 5 and 6 variables, their rounds and evaluations.
  const expectedReasons = [
    'logup/layer 5',
    ...Array<string>(5).fill('logup/layer 5'),
    'logup/layer 6',
    ...Array<string>(6).fill('logup/layer 6'),
    'numerator',
  ];
  test.each(expectedReasons.map((reason, site) => [site, reason] as const))(
    'observe %i left out of the transcript',
    (site, reason) => {
      const fractions = unbalanced(18, 7);
      const transcript = new OmittingTranscript(site);
      const { bytes } = forge(fractions, transcript);
      const recording = new RecordingTranscript();
      // the statement is false, and passes when the challenges do not depend on the forged message
      const omitting = new OmittingTranscript(site);
      expect(verify(fractions, bytes, omitting)).toBe('accepted');
      const challenges = challengesOf(fractions, bytes, site);
      expect(verify(fractions, bytes, new FrozenTranscript({ challenges }))).toBe('accepted');
      expect(verify(fractions, bytes, recording)).toBe(reason);
    },
  );

  test.each([1, 2, 5])('the top layer left out of the transcript (L = %i)', (variables) => {
    const fractions = unbalanced(19, variables);
    const { bytes } = forge(fractions, new OmittingTranscript(0));
    expect(verify(fractions, bytes, new OmittingTranscript(0))).toBe('accepted');
    expect(verify(fractions, bytes)).toBe('numerator');
  });
});

/** The challenges of a verifier that does not observe message `site`. */
function challengesOf(
  fractions: Fractions,
  bytes: Uint8Array,
  site: number,
  start: LogupStart = 'top',
): K[] {
  const challenges: K[] = [];
  const omitting = new OmittingTranscript(site);
  const sample = omitting.sampleK.bind(omitting);
  omitting.sampleK = () => {
    const challenge = sample();
    challenges.push(challenge);
    return challenge;
  };
  verify(fractions, bytes, omitting, start);
  return challenges;
}

describe('soundness from the root', () => {
  const provenFrom = (fractions: Fractions): Uint8Array =>
    prove(fractions, new Transcript(), 'root').bytes;
  const answer = (fractions: Fractions, bytes: Uint8Array): string =>
    verify(fractions, bytes, new Transcript(), 'root');

  test.each(sizes)('fractions that do not add up to zero (L = %i)', (variables) => {
    const fractions = unbalanced(31, variables);
    // the numerator of the root is not sent: it is zero
    const honest = answer(fractions, provenFrom(fractions));
    expect(honest).toBe(variables === 0 ? 'numerator' : 'logup/layer 0');
    const { bytes } = forge(fractions, new Transcript(), 'root');
    expect(answer(fractions, bytes)).toBe('numerator');
  });

  test.each(sizes)('a zero denominator anywhere (L = %i)', (variables) => {
    for (const position of new Set([0, Math.floor(2 ** variables / 3), 2 ** variables - 1])) {
      const { n, d } = balanced(32, variables);
      for (const numerator of [at(n, position), ZERO]) {
        const fractions = { n: n.with(position, numerator), d: d.with(position, ZERO) };
        expect(answer(fractions, provenFrom(fractions))).toBe('logup/zero-denominator 0');
      }
    }
  });

  test('a zero denominator that the root denies', () => {
    const { n, d } = balanced(33, 4);
    const fractions = { n, d: d.with(3, ZERO) };
    const writer = new ProofWriter();
    writer.k(ONE);
    writer.bytes(provenFrom(fractions).subarray(20));
    expect(answer(fractions, writer.finish())).toBe('logup/layer 0');
  });

  test.each([1, 4])('every word of the proof changed (L = %i)', (variables) => {
    const fractions = balanced(34, variables);
    const bytes = provenFrom(fractions);
    for (let word = 0; word < bytes.length / 4; word++) {
      const reason = answer(fractions, mutateWord(bytes, word));
      if (word < 5) expect(reason).toBe('logup/layer 0');
      else expect(reason).toMatch(/^(logup\/layer [0-3]|numerator|denominator)$/);
    }
  });

  test('truncation and extension', () => {
    const fractions = balanced(35, 2);
    const bytes = provenFrom(fractions);
    // D_root; layer 0: 4 children; layer 1: a round of 2, 4 children
    const parts = ['0 top', ...Array<string>(4).fill('0 children')];
    parts.push('1 round', '1 round', ...Array<string>(4).fill('1 children'));
    expect(bytes.length).toBe(20 * parts.length);
    for (let length = 0; length < bytes.length; length += 3) {
      const part = parts[Math.floor(length / 20)];
      const reason = answer(fractions, bytes.subarray(0, length));
      expect(reason).toBe(`logup/encoding ${part} truncated`);
    }
    expect(answer(fractions, Uint8Array.of(...bytes, 0))).toBe('trailing bytes');
  });

  // Observes: 0 the root; then, for layers of 0, 1 and 2 variables, their rounds and evaluations.
  const reasons = [
    'logup/layer 0',
    'logup/layer 1',
    'logup/layer 1',
    'logup/layer 2',
    'logup/layer 2',
    'logup/layer 2',
    'numerator',
  ];
  test.each(reasons.map((reason, site) => [site, reason] as const))(
    'observe %i left out of the transcript',
    (site, reason) => {
      const fractions = unbalanced(36, 3);
      const { bytes } = forge(fractions, new OmittingTranscript(site), 'root');
      const omitting = new OmittingTranscript(site);
      expect(verify(fractions, bytes, omitting, 'root')).toBe('accepted');
      const challenges = challengesOf(fractions, bytes, site, 'root');
      const frozen = new FrozenTranscript({ challenges });
      expect(verify(fractions, bytes, frozen, 'root')).toBe('accepted');
      expect(answer(fractions, bytes)).toBe(reason);
    },
  );
});

describe('any bytes', () => {
  const fractions = balanced(21, 6);
  const { bytes } = prove(fractions);
  /** The message that an element of the proof belongs to: 64 of the top layer, 5 rounds of 2, 4. */
  const partAt = (element: number): string =>
    element < 64 ? 'top' : element < 74 ? 'round' : 'children';

  test('truncation and extension', () => {
    for (let length = 0; length < bytes.length; length += 11) {
      const part = partAt(Math.floor(length / 20));
      expect(verify(fractions, bytes.subarray(0, length))).toBe(
        `logup/encoding 5 ${part} truncated`,
      );
    }
    expect(verify(fractions, Uint8Array.of(...bytes, 0))).toBe('trailing bytes');
  });

  test('coordinates >= p', () => {
    for (let word = 0; word < bytes.length / 4; word++) {
      const forged = bytes.slice();
      const view = new DataView(forged.buffer);
      const value = view.getUint32(4 * word, true);
      view.setUint32(4 * word, value < 2 ** 32 - P ? value + P : 2 ** 32 - 1, true);
      const part = partAt(Math.floor(word / 5));
      expect(verify(fractions, forged)).toBe(`logup/encoding 5 ${part} non-canonical`);
    }
  });

  test('random and mutated bytes are rejected without a throw', () => {
    const mutation = fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 2000 }), mutation),
        fc.constantFrom(0, 1, 3, 6),
        (input, variables) => {
          let forged = bytes.slice();
          if (input instanceof Uint8Array) forged = input;
          else for (const [position, value] of input) forged[position] = value;
          fc.pre(String(forged) !== String(bytes));
          expect(verify(balanced(21, variables), forged)).not.toBe('accepted');
        },
      ),
      { seed: 5, numRuns: 500 },
    );
  });

  test('all zero bytes', () => {
    for (const variables of sizes) {
      const zeros = new Uint8Array(20 * logupElements(variables, 'top'));
      expect(verify(balanced(1, variables), zeros)).toBe('logup/zero-denominator 0');
    }
  });
});
