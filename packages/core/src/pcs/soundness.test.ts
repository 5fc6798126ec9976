import { describe, expect, it } from 'vitest';
import {
  type DenseCase,
  denseCase,
  proveCase,
  SMALL_SLOTS,
  startTranscript,
  trueClaim,
  UNWORKED,
  verdict,
  verifyCase,
} from '../../test/whir-cases.ts';
import { type DenseState, type Tamper } from '../../test/whir-reference.ts';
import { ProofReader } from '../codec/index.ts';
import { addK, invK, type K, mulK, ONE, P, subK } from '../field/index.ts';
import { asciiBytes, keccak256 } from '../hash/index.ts';
import { evaluateMle } from '../poly/index.ts';
import { Transcript } from '../transcript/index.ts';
import { type RootSlot, verifyOpening } from './verifier.ts';

const plain = denseCase(11, UNWORKED);
const falseClaim = addK(plain.claim, [1, 2, 3, 4, 5]);

/** The verdict on a prover that claims `claim` and lies as told. */
function attack(tamper: Tamper, claim: K = falseClaim, c: DenseCase = plain): string {
  return verdict(verifyCase(c, proveCase(c, { claim, tamper }).bytes, { claim }));
}

/** What the running claim lacks. */
function missing(state: DenseState): K {
  return subK(trueClaim(state), state.claim);
}

/** f with its first value changed so that the running claim is true. */
function fitting(state: DenseState): K[] {
  const [first = ONE, ...rest] = state.f;
  const [weight = ONE] = state.w;
  const f = [subK(first, mulK(missing(state), invK(weight))), ...rest];
  expect(trueClaim({ f, w: state.w })).toEqual(state.claim);
  return f;
}

describe('malicious provers', () => {
  it('control: the honest one is accepted', () => {
    expect(attack({}, plain.claim)).toBe('ok');
  });

  it('a false claim, all messages honest', () => {
    expect(attack({})).toBe('whir/final-claim');
  });

  const answers = [
    [1, 0],
    [1, 1],
    [2, 0],
  ] as const;
  it.each(answers)(
    'an error of the running claim moved into a fresh one: oracle %i, answer %i',
    (oracle, j) => {
      const tamper: Tamper = {
        answer: (i, l, y, state) => (i === oracle && l === j ? addK(y, missing(state)) : y),
      };
      expect(attack(tamper)).toBe('whir/final-claim');
    },
  );

  it.each(answers)('a wrong out-of-domain answer: oracle %i, answer %i', (oracle, j) => {
    const tamper: Tamper = { answer: (i, l, y) => (i === oracle && l === j ? addK(y, ONE) : y) };
    expect(attack(tamper, plain.claim)).toBe('whir/final-claim');
  });

  it.each([1, 2])(
    'a wrong fold: oracle %i is another polynomial, for which the claim is true',
    (oracle) => {
      const tamper: Tamper = { oracle: (i, state) => (i === oracle ? fitting(state) : state.f) };
      expect(attack(tamper)).toBe('whir/final-claim');
    },
  );

  it('a final polynomial for which the claim is true', () => {
    expect(attack({ final: fitting })).toBe('whir/final-query');
  });

  it('values in a column that no root covers', () => {
    const rows = 2 ** UNWORKED.logRows;
    const values = plain.values.map((v, i) => (Math.floor(i / rows) === 3 ? 7 : v));
    const claim = trueClaim({
      f: values.map((v): K => [v, 0, 0, 0, 0]),
      w: plain.weights,
    });
    expect(attack({}, claim, { ...plain, values })).toBe('whir/final-claim');
  });

  it('another statement', () => {
    const { bytes } = proveCase(plain);
    const other = new Transcript(keccak256, keccak256(asciiBytes('another statement')));
    expect(verdict(verifyCase(plain, bytes, { transcript: other }))).not.toBe('ok');
  });

  it.each([0, 1])('another root in slot %i', (slot) => {
    const other = denseCase(12, UNWORKED);
    const roots = plain.roots.map((root, i) => (i === slot ? (other.roots[i] ?? root) : root));
    // The prover knows which root the verifier takes, and still opens its own trees.
    const { bytes } = proveCase({ ...plain, roots });
    const result = verifyCase({ ...plain, roots }, bytes, { roots });
    expect(result).toMatchObject({ error: { kind: 'whir/merkle', oracle: 0, slot } });
  });

  it('the slots of two roots exchanged', () => {
    const slots = [
      { firstColumn: 0, columns: 2 },
      { firstColumn: 2, columns: 2 },
    ];
    const c = denseCase(13, UNWORKED, slots);
    const roots = slots.map((slot, i) => ({
      ...slot,
      root: c.roots[1 - i]?.root ?? keccak256(),
      salted: false,
    }));
    const { bytes } = proveCase({ ...c, roots });
    expect(verdict(verifyCase({ ...c, roots }, bytes))).toBe('whir/merkle');
  });

  it.each([
    [0, 0],
    [0, 1],
    [1, 0],
    [2, 0],
  ])('rows that are not committed: oracle %i, slot %i', (oracle, slot) => {
    const tamper: Tamper = {
      trees: (i, trees) =>
        trees.map((tree, s) => {
          if (i !== oracle || s !== slot) return tree;
          const rows = tree.rows.map((row) =>
            row.map((word, at) => (at === 0 ? (word + 1) % P : word)),
          );
          return { ...tree, rows };
        }),
    };
    const { bytes } = proveCase(plain, { tamper });
    expect(verifyCase(plain, bytes)).toEqual({
      ok: false,
      error: { kind: 'whir/merkle', oracle, slot, error: { kind: 'merkle/root' } },
    });
  });
});

describe('proof of work', () => {
  const fold = { ...UNWORKED, foldPowBits: [0, 6, 0] };
  const query = { ...UNWORKED, queryPowBits: [0, 0, 6] };
  it.each([
    ['fold', fold, 1],
    ['query', query, 2],
  ] as const)('a wrong nonce before a %s challenge', (before, parameters, oracle) => {
    const c = denseCase(14, parameters);
    expect(verdict(verifyCase(c, proveCase(c).bytes))).toBe('ok');
    const { bytes } = proveCase(c, { tamper: { nonce: (n) => n + 1n } });
    expect(verifyCase(c, bytes)).toEqual({
      ok: false,
      error: { kind: 'whir/proof-of-work', oracle, before },
    });
  });

  it('no nonce where one is due, and one where none is', () => {
    const c = denseCase(14, fold);
    const without = proveCase({ ...c, parameters: UNWORKED }).bytes;
    expect(verdict(verifyCase(c, without))).not.toBe('ok');
    expect(verdict(verifyCase({ ...c, parameters: UNWORKED }, proveCase(c).bytes))).not.toBe('ok');
  });
});

describe('encoding', () => {
  const { bytes } = proveCase(plain);

  /** What the verifier reads from the proof, and where: method of the reader, offset. */
  function layout(): { part: string; offset: number }[] {
    const parts: { part: string; offset: number }[] = [];
    const reader = new ProofReader(bytes);
    const transcript = startTranscript(plain.roots, new Transcript());
    const spy = new Proxy(reader, {
      get(target, key) {
        if (key === 'failed') return target.failed;
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          parts.push({ part: String(key), offset: target.offset });
          return Reflect.apply(value, target, args);
        };
      },
    });
    const evaluate = (point: readonly K[]): K => evaluateMle(plain.weights, point);
    expect(verifyOpening(transcript, spy, UNWORKED, plain.roots, plain.claim, evaluate).ok).toBe(
      true,
    );
    return parts;
  }

  it('every truncation is rejected, and says where', () => {
    const parts = new Set<string>();
    for (let length = 0; length < bytes.length; length += 3) {
      const result = verifyCase(plain, bytes.slice(0, length));
      if (result === 'trailing' || result.ok || result.error.kind !== 'whir/encoding') {
        throw new Error(`accepted or misnamed at ${length} bytes: ${verdict(result)}`);
      }
      expect(result.error.failure).toBe('truncated');
      parts.add(`${result.error.part} ${result.error.oracle}`);
    }
    expect([...parts]).toEqual([
      'round 0',
      'root 1',
      'out-of-domain 1',
      'row 0',
      'sibling 0',
      'round 1',
      'root 2',
      'out-of-domain 2',
      'row 1',
      'sibling 1',
      'round 2',
      'final 2',
      'row 2',
      'sibling 2',
    ]);
  });

  it('a truncated nonce', () => {
    const c = denseCase(14, { ...UNWORKED, foldPowBits: [4, 0, 0] });
    const proof = proveCase(c).bytes;
    expect(verifyCase(c, proof.slice(0, 44))).toEqual({
      ok: false,
      error: { kind: 'whir/encoding', oracle: 0, part: 'nonce', failure: 'truncated' },
    });
  });

  it('bytes after the end are left to the caller, who sees them', () => {
    expect(verifyCase(plain, Uint8Array.from([...bytes, 0]))).toBe('trailing');
  });

  it('an element that is not canonical, in each part', () => {
    const parts = new Set<string>();
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (const { part, offset } of layout()) {
      if (part === 'bytes') continue;
      const changed = bytes.slice();
      // The same element of F: only its encoding is another.
      const word = view.getUint32(offset, true);
      if (word + P > 0xffffffff) continue;
      new DataView(changed.buffer).setUint32(offset, word + P, true);
      const result = verifyCase(plain, changed);
      expect(result).toMatchObject({ error: { kind: 'whir/encoding', failure: 'non-canonical' } });
      if (result !== 'trailing' && !result.ok && result.error.kind === 'whir/encoding') {
        parts.add(result.error.part);
      }
    }
    expect([...parts].sort()).toEqual(['final', 'out-of-domain', 'round', 'row']);
  });

  it('every changed word is rejected', () => {
    for (let offset = 0; offset < bytes.length; offset += 4) {
      const changed = bytes.slice();
      changed[offset] = (changed[offset] ?? 0) ^ 1;
      expect(verdict(verifyCase(plain, changed)), `byte ${offset}`).not.toBe('ok');
    }
  });

  it('a multiproof with a sibling less or more', () => {
    const sibling = layout().find((p) => p.part === 'bytes' && p.offset > 400);
    const at = sibling?.offset ?? 0;
    const less = Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + 32)]);
    const more = Uint8Array.from([
      ...bytes.slice(0, at),
      ...bytes.slice(at, at + 32),
      ...bytes.slice(at),
    ]);
    expect(verdict(verifyCase(plain, less))).not.toBe('ok');
    expect(verdict(verifyCase(plain, more))).not.toBe('ok');
  });
});

describe('parameters and slots', () => {
  const { bytes } = proveCase(plain);
  const slotVerdict = (slots: readonly Omit<RootSlot, 'salted'>[]): unknown => {
    const roots = slots.map((slot) => ({ ...slot, salted: false }));
    const result = verifyCase(plain, bytes, { roots });
    return result !== 'trailing' && !result.ok ? result.error : 'ok';
  };
  const root = keccak256(asciiBytes('root'));

  it('invalid parameters', () => {
    const parameters = { ...UNWORKED, queries: [6, 5, Number.NaN] };
    expect(verdict(verifyCase(plain, bytes, { parameters }))).toBe('whir/parameters');
  });

  it.each([
    ['overlap', { firstColumn: 2, columns: 2, root }],
    ['order', { firstColumn: 0, columns: 1, root }],
    ['past the columns', { firstColumn: 5, columns: 2, root }],
    ['no columns', { firstColumn: 4, columns: 0, root }],
    ['a fraction', { firstColumn: 4.5, columns: 1, root }],
    ['a fraction of columns', { firstColumn: 4, columns: 1.5, root }],
    ['NaN', { firstColumn: 4, columns: Number.NaN, root }],
    ['negative', { firstColumn: -1, columns: 1, root }],
    ['a short root', { firstColumn: 4, columns: 2, root: root.slice(1) }],
  ])('slots: %s', (_name, slot) => {
    const first = { firstColumn: 0, columns: 3, root };
    expect(slotVerdict([first, slot])).toEqual({ kind: 'whir/slots', slot: 1 });
  });

  it('no slots', () => {
    expect(slotVerdict([])).toEqual({ kind: 'whir/slots', slot: -1 });
  });

  it('slots with fewer columns than were committed', () => {
    const fewer = SMALL_SLOTS.map((slot, i) => ({
      ...slot,
      columns: slot.columns - 1,
      root: plain.roots[i]?.root ?? root,
      salted: false,
    }));
    expect(verdict(verifyCase(plain, bytes, { roots: fewer }))).toBe('whir/merkle');
  });
});
