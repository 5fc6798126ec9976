import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProofReader, ProofWriter } from '../codec/index.ts';
import { type Engine, type KVec, testEngine } from '../engine/index.ts';
import { addK, intK, invK, type K, mulK, negK, ONE, P, subK, ZERO } from '../field/index.ts';
import {
  addValues,
  constantValue,
  evaluateValues,
  HidingLedger,
  PlainLedger,
  scaleValue,
} from '../linear/index.ts';
import { evaluateMle } from '../poly/index.ts';
import { PaddedSender, PlainSender } from '../sender/index.ts';
import {
  FrozenTranscript,
  OmittingTranscript,
  RecordingTranscript,
  seededElements as some,
  seededPads,
} from '../testing/index.ts';
import { TAG_OPERANDS, TAG_ROUND, Transcript } from '../transcript/index.ts';
import {
  type Degree,
  delayFactor,
  instancePoint,
  nextClaim,
  sumcheckElements,
  verifySumcheck,
} from './index.ts';
import { type Operands, proveSumcheck, sumcheckDegree } from './prover.ts';

interface Tables {
  readonly coefficient: K;
  readonly eq: K[] | null;
  readonly x: K[];
  readonly y: K[];
}

const word = fc.oneof(fc.constantFrom(0, 1, P - 1), fc.integer({ min: 0, max: P - 1 }));
const element: fc.Arbitrary<K> = fc.tuple(word, word, word, word, word);
const table = (variables: number): fc.Arbitrary<K[]> =>
  fc.array(element, { minLength: 2 ** variables, maxLength: 2 ** variables });
const tables: fc.Arbitrary<Tables> = fc.nat({ max: 4 }).chain((variables) =>
  fc.record({
    coefficient: element,
    eq: fc.option(table(variables), { nil: null }),
    x: table(variables),
    y: table(variables),
  }),
);

const makeTables = (seed: number, variables: number, cubic: boolean): Tables => ({
  coefficient: some(seed, 1)[0] ?? ONE,
  eq: cubic ? some(seed + 1, 2 ** variables) : null,
  x: some(seed + 2, 2 ** variables),
  y: some(seed + 3, 2 ** variables),
});

const variablesOf = (t: Tables): number => Math.log2(t.x.length);
const roundsOf = (batch: Tables[]): number => Math.max(0, ...batch.map(variablesOf));
const degreeOf = (batch: Tables[]): Degree => (batch.some((t) => t.eq !== null) ? 3 : 2);
const sum = (values: readonly K[]): K => values.reduce(addK, ZERO);

const trueClaim = (batch: Tables[]): K =>
  sum(
    batch.map(({ coefficient, eq, x, y }) =>
      mulK(
        coefficient,
        sum(x.map((xi, i) => mulK(mulK(xi, y[i] ?? ZERO), eq === null ? ONE : (eq[i] ?? ZERO)))),
      ),
    ),
  );

/** The batched polynomial at any point, from the definition. */
const evaluateBatch = (batch: Tables[], point: readonly K[]): K =>
  sum(
    batch.map((t) => {
      const at = instancePoint(point, variablesOf(t));
      const product = mulK(evaluateMle(t.x, at), evaluateMle(t.y, at));
      const value = t.eq === null ? product : mulK(product, evaluateMle(t.eq, at));
      return mulK(mulK(t.coefficient, delayFactor(point, variablesOf(t))), value);
    }),
  );

const load = (engine: Engine, values: K[] | null): KVec => {
  const v = engine.allocK(values?.length ?? 0);
  if (values !== null) engine.writeK(v, values);
  return v;
};

interface Proof {
  readonly bytes: Uint8Array;
  readonly operands: Operands[];
  readonly point: K[];
  readonly claim: K;
}

const engine = testEngine();

/** Runs the prover and appends the operands, as a caller does. */
const prove = (
  batch: Tables[],
  claim = trueClaim(batch),
  transcript = new Transcript(),
  pads: readonly K[] | null = null,
): Proof => {
  const mark = engine.mark();
  const writer = new ProofWriter();
  const sender =
    pads === null
      ? new PlainSender(transcript, writer)
      : new PaddedSender(transcript, writer, pads);
  const instances = batch.map(({ coefficient, eq, x, y }) => ({
    coefficient,
    eq: eq === null ? null : load(engine, eq),
    x: load(engine, x),
    y: load(engine, y),
  }));
  expect(sumcheckDegree(instances)).toBe(degreeOf(batch));
  const {
    point,
    operands,
    claim: final,
  } = proveSumcheck(engine, transcript, sender, instances, claim);
  writer.ks(operands.flatMap(({ x, y }) => [x, y]));
  engine.release(mark);
  return { bytes: writer.finish(), operands, point, claim: final };
};

/** The verifier as a caller runs it, operands compared with the true tables at the end. */
const verify = (
  batch: Tables[],
  claim: K,
  bytes: Uint8Array,
  transcript: Transcript = new Transcript(),
): string => {
  const reader = new ProofReader(bytes);
  const ledger = new PlainLedger();
  const result = verifySumcheck(
    transcript,
    reader,
    ledger,
    roundsOf(batch),
    degreeOf(batch),
    constantValue(claim),
  );
  if (!result.ok) return `${result.error.kind} ${result.error.round} ${result.error.failure}`;
  const { point } = result.value;
  const operands = reader.ks(2 * batch.length);
  if (!reader.atEnd) return 'operands/encoding';
  transcript.observeK(TAG_OPERANDS, operands);
  let expected = constantValue(ZERO);
  for (const [i, t] of batch.entries()) {
    const at = instancePoint(point, variablesOf(t));
    const eq = t.eq === null ? ONE : evaluateMle(t.eq, at);
    const scale = mulK(mulK(t.coefficient, delayFactor(point, variablesOf(t))), eq);
    const [x, y] = [operands[2 * i] ?? ZERO, operands[2 * i + 1] ?? ZERO].map((k) =>
      ledger.received(k),
    );
    if (x === undefined || y === undefined) return 'operands/encoding';
    expected = addValues(expected, scaleValue(ledger.product(x, y), scale));
  }
  const difference = addValues(result.value.claim, scaleValue(expected, negK(ONE)));
  if (!ledger.requireZero(difference)) return 'final claim';
  const truth = batch.flatMap((t) => {
    const at = instancePoint(point, variablesOf(t));
    return [evaluateMle(t.x, at), evaluateMle(t.y, at)];
  });
  return String(truth) === String(operands) ? 'accepted' : 'operands';
};

const mixed = [
  makeTables(1, 3, true),
  makeTables(2, 4, false),
  makeTables(3, 0, false),
  makeTables(4, 1, true),
  makeTables(5, 4, true),
];
const quadratic = [makeTables(6, 3, false), makeTables(7, 2, false), makeTables(8, 0, false)];

describe('completeness', () => {
  test('instances of any sizes and degrees, against direct evaluation', () => {
    fc.assert(
      fc.property(fc.array(tables, { maxLength: 4 }), (batch) => {
        const claim = trueClaim(batch);
        const proof = prove(batch);
        expect(verify(batch, claim, proof.bytes)).toBe('accepted');
        expect(proof.claim).toEqual(evaluateBatch(batch, proof.point));
        expect(proof.bytes.length).toBe(
          20 * (sumcheckElements(roundsOf(batch), degreeOf(batch)) + 2 * batch.length),
        );
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  test('every round polynomial is the partial sum of the definition', () => {
    for (const batch of [mixed, quadratic]) {
      const { bytes, point } = prove(batch);
      const reader = new ProofReader(bytes);
      const rounds = roundsOf(batch);
      let claim = constantValue(trueClaim(batch));
      for (let round = 0; round < rounds; round++) {
        const message = reader.ks(degreeOf(batch)).map(constantValue);
        for (const t of [0, 1, 2, 3, 4].map(intK)) {
          const free = rounds - round - 1;
          const partial = Array.from({ length: 2 ** free }, (_, b) => {
            const rest = Array.from({ length: free }, (_, j) => intK((b >> (free - 1 - j)) & 1));
            return evaluateBatch(batch, [...point.slice(0, round), t, ...rest]);
          });
          expect(nextClaim(claim, message, t).constant).toEqual(sum(partial));
        }
        claim = nextClaim(claim, message, point[round] ?? ZERO);
      }
    }
  });

  test('no rounds: only constant products, nothing sent, nothing sampled', () => {
    const batch = [makeTables(1, 0, true), makeTables(2, 0, false)];
    const transcript = new RecordingTranscript();
    const proof = prove(batch, trueClaim(batch), transcript);
    expect(proof.point).toEqual([]);
    expect(transcript.challenges).toEqual([]);
    expect(proof.bytes.length).toBe(20 * 4);
    expect(verify(batch, trueClaim(batch), proof.bytes)).toBe('accepted');
    expect(prove([]).bytes.length).toBe(0);
    expect(verify([], ZERO, new Uint8Array())).toBe('accepted');
    expect(verify([], ONE, new Uint8Array())).toBe('final claim');
  });

  test('prover and verifier observe the same: one message of degree elements a round', () => {
    for (const batch of [mixed, quadratic]) {
      const [p, v] = [new RecordingTranscript(), new RecordingTranscript()];
      const { bytes } = prove(batch, trueClaim(batch), p);
      verify(batch, trueClaim(batch), bytes, v);
      expect(v.observed.slice(0, -1)).toEqual(p.observed);
      expect(v.challenges).toEqual(p.challenges);
      expect(p.observed.map(({ tag, bytes: b }) => [tag, b.length])).toEqual(
        Array.from({ length: roundsOf(batch) }, () => [TAG_ROUND, 20 * degreeOf(batch)]),
      );
    }
  });

  test('lengths that do not fit are misuse', () => {
    const [three, four] = [load(engine, some(1, 3)), load(engine, some(1, 4))];
    const attempt = (eq: KVec | null, x: KVec, y: KVec): void => {
      const instances = [{ coefficient: ONE, eq, x, y }];
      const transcript = new Transcript();
      const sender = new PlainSender(transcript, new ProofWriter());
      proveSumcheck(engine, transcript, sender, instances, ZERO);
    };
    expect(() => attempt(null, three, three)).toThrow(RangeError);
    expect(() => attempt(null, four, load(engine, some(1, 2)))).toThrow(RangeError);
    expect(() => attempt(load(engine, some(1, 2)), four, four)).toThrow(RangeError);
  });
});

describe('under pads', () => {
  test('messages carry pads, and the final claim is the true one once they are known', () => {
    for (const batch of [mixed, quadratic]) {
      const messages = sumcheckElements(roundsOf(batch), degreeOf(batch));
      const shape = { messages: messages + 1, products: 0, blind: false };
      const pads = seededPads(shape, 3);
      const claim = trueClaim(batch);
      const recording = new RecordingTranscript();
      const { bytes, point, claim: final } = prove(batch, claim, recording, pads.slice(1));
      const plain = prove(batch, claim, new FrozenTranscript(recording));
      const sent = new ProofReader(bytes).ks(messages);
      const clear = new ProofReader(plain.bytes).ks(messages);
      expect(sent.map((c, i) => subK(c, clear[i] ?? ZERO))).toEqual(pads.slice(1));

      const ledger = new HidingLedger(shape);
      const result = verifySumcheck(
        new Transcript(),
        new ProofReader(bytes),
        ledger,
        roundsOf(batch),
        degreeOf(batch),
        ledger.received(addK(claim, pads[0] ?? ZERO)),
      );
      if (!result.ok) throw new Error(result.error.kind);
      expect(result.value.point).toEqual(point);
      expect(evaluateValues([result.value.claim], pads)).toEqual([final]);
      expect(final).toEqual(evaluateBatch(batch, point));
      for (let i = 0; i < pads.length; i++) {
        const others = pads.with(i, addK(pads[i] ?? ZERO, ONE));
        expect(evaluateValues([result.value.claim], others)).not.toEqual([final]);
      }
    }
  });
});

describe('soundness', () => {
  const batches = [
    ['mixed', mixed],
    ['quadratic', quadratic],
  ] as const;

  test.each(batches)('a wrong claim with an otherwise perfect proof (%s)', (_, batch) => {
    const claim = trueClaim(batch);
    for (let i = 0; i < 5; i++) {
      const wrong = addK(claim, some(i, 1)[0] ?? ONE);
      expect(verify(batch, wrong, prove(batch, claim).bytes)).toBe('final claim');
      expect(verify(batch, wrong, prove(batch, wrong).bytes)).toBe('final claim');
    }
  });

  test.each(batches)('every word of the proof changed (%s)', (_, batch) => {
    const claim = trueClaim(batch);
    const { bytes } = prove(batch);
    for (let at = 0; at < bytes.length; at += 4) {
      const forged = bytes.slice();
      const view = new DataView(forged.buffer);
      view.setUint32(at, (view.getUint32(at, true) + 1) % P, true);
      expect(verify(batch, claim, forged)).toBe('final claim');
    }
  });

  test.each(batches)('rounds swapped (%s)', (_, batch) => {
    const size = 20 * degreeOf(batch);
    const { bytes } = prove(batch);
    for (let round = 0; round + 1 < roundsOf(batch); round++) {
      const forged = bytes.slice();
      forged.set(bytes.subarray((round + 1) * size, (round + 2) * size), round * size);
      forged.set(bytes.subarray(round * size, (round + 1) * size), (round + 1) * size);
      expect(verify(batch, trueClaim(batch), forged)).toBe('final claim');
    }
  });

  test('coefficients of a message swapped', () => {
    const { bytes } = prove(mixed);
    const forged = bytes.slice();
    forged.set(bytes.subarray(20, 40), 0);
    forged.set(bytes.subarray(0, 20), 20);
    expect(verify(mixed, trueClaim(mixed), forged)).toBe('final claim');
  });

  test("instances swapped, so that they have each other's coefficient", () => {
    const lambda = some(99, 1)[0] ?? ONE;
    const [a, b] = [makeTables(1, 2, false), makeTables(5, 2, false)];
    const order = (first: Tables, second: Tables): Tables[] => [
      { ...first, coefficient: ONE },
      { ...second, coefficient: lambda },
    ];
    const claim = trueClaim(order(a, b));
    expect(verify(order(a, b), claim, prove(order(a, b)).bytes)).toBe('accepted');
    expect(verify(order(a, b), claim, prove(order(b, a)).bytes)).toBe('final claim');
    // the operands' names are swapped as well: only their evaluations tell
    expect(verify(order(b, a), claim, prove(order(a, b)).bytes)).toBe('operands');
  });

  test('a prover that uses another λ', () => {
    const withLambda = (lambda: K): Tables[] => {
      const powers = [ONE, lambda, mulK(lambda, lambda)];
      return quadratic.map((t, i) => ({ ...t, coefficient: powers[i] ?? ONE }));
    };
    const [lambda, other] = [some(7, 1)[0] ?? ONE, some(8, 1)[0] ?? ONE];
    const claim = trueClaim(withLambda(lambda));
    expect(verify(withLambda(lambda), claim, prove(withLambda(lambda)).bytes)).toBe('accepted');
    expect(verify(withLambda(lambda), claim, prove(withLambda(other)).bytes)).toBe('final claim');
  });

  test('a late instance without its delay', () => {
    // rounds of a prover that treats the short instance as constant in the first variables
    const [long, short] = [makeTables(1, 2, false), makeTables(2, 1, false)];
    const repeated = { ...short, x: [...short.x, ...short.x], y: [...short.y, ...short.y] };
    const claim = trueClaim([long, short]);
    const { bytes } = prove([long, repeated], claim);
    expect(verify([long, short], claim, bytes)).toBe('final claim');
  });

  test.each(batches)('each round left out of the transcript (%s)', (_, batch) => {
    for (let site = 0; site < roundsOf(batch); site++) {
      const error = some(40 + site, 1)[0] ?? ONE;
      const wrong = addK(trueClaim(batch), error);
      const { bytes, challenges } = forge(batch, error, site);
      // the claim is false, and passes when the challenges do not depend on the forged message
      expect(verify(batch, wrong, bytes, new OmittingTranscript(site))).toBe('accepted');
      expect(verify(batch, wrong, bytes, new FrozenTranscript({ challenges }))).toBe('accepted');
      expect(verify(batch, wrong, bytes)).toBe('final claim');
    }
  });
});

/**
 * Proof of a claim that is off by `error`, for a verifier that does not observe round `site`: the
 * prover samples r_site before it writes that message. The error of the claim entering round j is
 * error·r_0⋯r_{j−1} as long as the messages are honest; at the site c2 takes it:
 * r·e + (r² − r)·δ = 0.
 */
function forge(batch: Tables[], error: K, site: number): { bytes: Uint8Array; challenges: K[] } {
  const size = 20 * degreeOf(batch);
  const transcript = new OmittingTranscript(site);
  const challenges: K[] = [];
  let carried = error;
  /** Honest bytes, given challenges for all rounds. */
  const honest = (recorded: readonly K[]): Uint8Array =>
    prove(batch, trueClaim(batch), new FrozenTranscript({ challenges: recorded })).bytes;
  const messages: Uint8Array[] = [];
  for (let round = 0; round < roundsOf(batch); round++) {
    let message = honest(challenges).slice(round * size, (round + 1) * size);
    if (round === site) {
      const r = transcript.sampleK();
      const delta = negK(mulK(carried, invK(subK(r, ONE))));
      const reader = new ProofReader(message);
      const coefficients = reader.ks(degreeOf(batch));
      const writer = new ProofWriter();
      writer.ks(coefficients.map((c, i) => (i === 1 ? addK(c, delta) : c)));
      message = writer.finish();
      transcript.observe(TAG_ROUND, message);
      challenges.push(r);
    } else {
      transcript.observe(TAG_ROUND, message);
      const r = transcript.sampleK();
      challenges.push(r);
      carried = mulK(carried, r);
    }
    messages.push(message);
  }
  const bytes = honest(challenges);
  messages.forEach((message, round) => {
    bytes.set(message, round * size);
  });
  return { bytes, challenges };
}

describe('any bytes', () => {
  const { bytes } = prove(mixed);
  const claim = trueClaim(mixed);

  test('truncation and extension', () => {
    for (let length = 0; length < bytes.length; length += 7) {
      const reason = verify(mixed, claim, bytes.subarray(0, length));
      const round = Math.floor(length / 60);
      expect(reason).toBe(round < 4 ? `sumcheck/encoding ${round} truncated` : 'operands/encoding');
    }
    expect(verify(mixed, claim, Uint8Array.of(...bytes, 0))).toBe('operands/encoding');
  });

  test('coordinates >= p', () => {
    for (let at = 0; at < bytes.length; at += 4) {
      const forged = bytes.slice();
      const view = new DataView(forged.buffer);
      const value = view.getUint32(at, true);
      view.setUint32(at, value < 2 ** 32 - P ? value + P : 2 ** 32 - 1, true);
      const round = Math.floor(at / 60);
      expect(verify(mixed, claim, forged)).toBe(
        round < 4 ? `sumcheck/encoding ${round} non-canonical` : 'operands/encoding',
      );
    }
  });

  test('random and mutated bytes are rejected without a throw', () => {
    const mutation = fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), mutation), (input) => {
        let forged = bytes.slice();
        if (input instanceof Uint8Array) forged = input;
        else for (const [at, value] of input) forged[at] = value;
        fc.pre(String(forged) !== String(bytes));
        expect(verify(mixed, claim, forged)).not.toBe('accepted');
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});
