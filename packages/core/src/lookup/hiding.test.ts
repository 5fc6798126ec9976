import { describe, expect, test } from 'vitest';
import { ProofReader, ProofWriter } from '../codec/index.ts';
import { testEngine } from '../engine/index.ts';
import {
  addK,
  equalK,
  invK,
  isZeroK,
  type K,
  mulK,
  negK,
  ONE,
  subK,
  ZERO,
} from '../field/index.ts';
import {
  blindPad,
  constantValue,
  evaluateValues,
  HidingLedger,
  type PadShape,
  type Value,
} from '../linear/index.ts';
import { evaluateMle } from '../poly/index.ts';
import { PaddedSender, PlainSender } from '../sender/index.ts';
import {
  FrozenTranscript,
  honestSettlement,
  RecordingTranscript,
  seededElements,
  seededPads,
} from '../testing/index.ts';
import { Transcript } from '../transcript/index.ts';
import { logupElements, logupMessages, logupProducts, verifyLogup } from './index.ts';
import { proveLogup } from './prover.ts';

interface Fractions {
  readonly n: readonly K[];
  readonly d: readonly K[];
}

const engine = testEngine();
const [rho = ONE, delta = ONE] = seededElements(98, 2);
const at = (values: readonly K[], i: number): K => values[i] ?? ZERO;

const shapeOf = (variables: number): PadShape => ({
  messages: logupMessages(variables),
  products: logupProducts(variables),
  blind: true,
});

/** Random fractions, 0/r the last, that add up to `total`. */
const blinded = (seed: number, variables: number, r: K, total: K = ZERO): Fractions => {
  const count = 2 ** variables;
  const d = seededElements(seed, count).with(-1, r);
  const n = seededElements(seed + 1, count).with(-1, ZERO);
  if (count === 1) return { n, d };
  const rest = n.slice(1).reduce((sum, x, i) => addK(sum, mulK(x, invK(at(d, i + 1)))), ZERO);
  return { n: n.with(0, mulK(subK(total, rest), at(d, 0))), d };
};

const prove = (
  { n, d }: Fractions,
  pads: readonly K[] | null,
  transcript: Transcript = new Transcript(),
): { bytes: Uint8Array; point: K[]; numerator: K; denominator: K } => {
  const mark = engine.mark();
  const writer = new ProofWriter();
  const [nv, dv] = [n, d].map((values) => {
    const v = engine.allocK(values.length);
    engine.writeK(v, values);
    return v;
  });
  if (nv === undefined || dv === undefined) throw new Error('two vectors');
  const messages = pads?.slice(0, logupMessages(Math.log2(n.length))) ?? [];
  const sender =
    pads === null
      ? new PlainSender(transcript, writer)
      : new PaddedSender(transcript, writer, messages);
  const claim = proveLogup(engine, transcript, sender, nv, dv, 'root');
  if (sender instanceof PaddedSender) expect(sender.sent).toBe(messages.length);
  engine.release(mark);
  return { bytes: writer.finish(), ...claim };
};

/** A value once the pads are known. */
const open = (ledger: HidingLedger, v: Value, pads: readonly K[]): K => {
  const resolved = ledger.resolve(v);
  return resolved.pads.reduce((sum, k, i) => addK(sum, mulK(k, at(pads, i))), resolved.constant);
};

/**
 * Verifier and honest settlement: the checks that do not hold, by layer or product; then, if all do,
 * the final claims against the true tables.
 */
const verify = ({ n, d }: Fractions, pads: readonly K[], bytes: Uint8Array): string[] => {
  const variables = Math.log2(n.length);
  const ledger = new HidingLedger(shapeOf(variables));
  const reader = new ProofReader(bytes);
  const result = verifyLogup(new Transcript(), reader, ledger, variables, 'root');
  if (!result.ok) return [result.error.kind];
  expect(reader.atEnd).toBe(true);
  const { point, numerator, denominator } = result.value;
  const layers = Array.from({ length: variables }, (_, layer) => `layer ${layer}`);
  const products = ledger.products.flatMap((_, t) => [`e ${t}`, `f ${t}`, `product ${t}`]);
  const names = [...layers, ...products];
  const values = ledger.settle(honestSettlement(ledger, pads, rho));
  expect(values.length).toBe(names.length);
  const failing = names.filter(
    (_, q) => !isZeroK(open(ledger, values[q] ?? constantValue(ONE), pads)),
  );
  if (failing.length > 0) return failing;
  const claims = evaluateValues([numerator, denominator], pads);
  expect(claims).toEqual([open(ledger, numerator, pads), open(ledger, denominator, pads)]);
  if (!equalK(at(claims, 0), evaluateMle(n, point))) failing.push('numerator');
  if (!equalK(at(claims, 1), evaluateMle(d, point))) failing.push('denominator');
  return failing;
};

const sizes = [0, 1, 2, 3, 4, 5, 6, 7];
const instance = (seed: number, variables: number, total: K = ZERO) => {
  const shape = shapeOf(variables);
  const pads = seededPads(shape, seed);
  return { pads, fractions: blinded(seed + 1, variables, at(pads, blindPad(shape)), total) };
};

test.each(sizes)('honest under pads (L = %i)', (variables) => {
  const { pads, fractions } = instance(1, variables);
  const proof = prove(fractions, pads);
  expect(verify(fractions, pads, proof.bytes)).toEqual([]);
  expect(proof.bytes.length).toBe(20 * logupElements(variables, 'root'));
  expect(logupMessages(variables)).toBe(logupElements(variables, 'root') - 1);
  expect(proof.numerator).toEqual(evaluateMle(fractions.n, proof.point));
  expect(proof.denominator).toEqual(evaluateMle(fractions.d, proof.point));
});

test('for the same challenges the messages are the plain ones plus their pads, D_root as it is', () => {
  const { pads, fractions } = instance(2, 6);
  const recording = new RecordingTranscript();
  const padded = prove(fractions, pads, recording);
  const plain = prove(fractions, null, new FrozenTranscript(recording));
  const count = logupElements(6, 'root');
  const [a, b] = [padded, plain].map(({ bytes }) => new ProofReader(bytes).ks(count));
  const differences = (a ?? []).map((k, i) => subK(k, at(b ?? [], i)));
  expect(differences).toEqual([ZERO, ...pads.slice(0, count - 1)]);
});

test('D_root is r times the other denominators', () => {
  const { pads, fractions } = instance(3, 4);
  const root = (r: K): K =>
    new ProofReader(prove({ ...fractions, d: fractions.d.with(-1, r) }, pads).bytes).k();
  const others = fractions.d.slice(0, -1).reduce(mulK, ONE);
  for (const r of seededElements(4, 5)) expect(root(r)).toEqual(mulK(others, r));
});

describe('soundness', () => {
  test('fractions that do not add up to zero', () => {
    const { pads, fractions } = instance(5, 5, delta);
    expect(verify(fractions, pads, prove(fractions, pads).bytes)).toEqual(['layer 0']);
  });

  test('a zero denominator, r = 0 included', () => {
    const { pads, fractions } = instance(6, 4);
    for (const position of [0, 7, -1]) {
      const zero = { ...fractions, d: fractions.d.with(position, ZERO) };
      const { bytes } = prove(zero, pads);
      expect(verify(zero, pads, bytes)).toEqual(['logup/zero-denominator']);
    }
  });

  test('a lie about any element that is sent', () => {
    const variables = 4;
    const { pads, fractions } = instance(7, variables);
    const { bytes } = prove(fractions, pads);
    const parts: string[] = [];
    for (let layer = 0; layer < variables; layer++) {
      parts.push(...Array<string>(2 * layer + 4).fill(`layer ${layer}`));
    }
    for (const [i, part] of parts.entries()) {
      const reader = new ProofReader(bytes);
      const elements = reader.ks(bytes.length / 20);
      const writer = new ProofWriter();
      writer.ks(elements.with(i + 1, addK(at(elements, i + 1), delta)));
      // products are settled for what was sent: only the relation between layers is broken
      expect(verify(fractions, pads, writer.finish())[0]).toBe(part);
    }
  });

  test('a wrong evaluation of a child that its layer does not notice', () => {
    // n0·d1 + n1·d0 stays: n0 + x·d0, n1 − x·d1; the next layer, or the leaves, say no
    const variables = 3;
    const { pads, fractions } = instance(8, variables);
    const { bytes } = prove(fractions, pads);
    let first = 1;
    for (let layer = 0; layer < variables; layer++) {
      first += 2 * layer;
      const elements = new ProofReader(bytes).ks(bytes.length / 20);
      const [, , d0 = ZERO, d1 = ZERO] = [0, 1, 2, 3].map((i) =>
        subK(at(elements, first + i), at(pads, first + i - 1)),
      );
      const writer = new ProofWriter();
      writer.ks(
        elements
          .with(first, addK(at(elements, first), mulK(delta, d0)))
          .with(first + 1, addK(at(elements, first + 1), negK(mulK(delta, d1)))),
      );
      const next = layer + 1 < variables ? `layer ${layer + 1}` : 'numerator';
      expect(verify(fractions, pads, writer.finish())[0]).toBe(next);
      first += 4;
    }
  });

  test('sent under other pads than are committed', () => {
    const { pads, fractions } = instance(9, 3);
    for (let i = 0; i < logupMessages(3); i++) {
      const others = pads.with(i, addK(at(pads, i), delta));
      expect(verify(fractions, pads, prove(fractions, others).bytes)).not.toEqual([]);
    }
  });

  test('a pad used twice is another pad than the one committed for the second message', () => {
    const { pads, fractions } = instance(10, 3);
    const reused = pads.with(5, at(pads, 4));
    expect(verify(fractions, pads, prove(fractions, reused).bytes)).not.toEqual([]);
  });
});
