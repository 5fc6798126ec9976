import { describe, expect, it } from 'vitest';
import {
  type DenseCase,
  denseCase,
  proveCase,
  SMALL_SLOTS,
  startTranscript,
  streamCase,
  trueClaim,
  UNWORKED,
  verdict,
  verifyCase,
} from '../../test/whir-cases.ts';
import type { DenseState, DenseTree, Tamper } from '../../test/whir-reference.ts';
import { ProofReader } from '../codec/index.ts';
import { testEngine } from '../engine/index.ts';
import { addK, invK, type K, mulK, ONE, P, subK, ZERO } from '../field/index.ts';
import { evaluateMle } from '../poly/index.ts';
import { FrozenTranscript, RecordingTranscript } from '../testing/index.ts';
import { Transcript } from '../transcript/index.ts';
import type { WhirParameters } from './parameters.ts';
import { verifyOpening } from './verifier.ts';

const BLINDED: WhirParameters = { ...UNWORKED, blinding: { powBits: 0 } };

/** g is sent in clear right after ρ and γ'. */
const ONE_ORACLE: WhirParameters = {
  ...BLINDED,
  foldings: [3],
  logInverseRates: [2],
  queries: [6],
  oodSamples: [2],
  foldPowBits: [0],
  queryPowBits: [0],
};

/** A first slot without salts, a last one with salts and R. */
const several = denseCase(51, BLINDED, SMALL_SLOTS, 1);
const single = denseCase(52, ONE_ORACLE, SMALL_SLOTS, 1);

const falseClaimOf = (c: DenseCase): K => addK(c.claim, [1, 2, 3, 4, 5]);

/** What the running claim exceeds the truth by. */
const excess = (state: DenseState): K => subK(state.claim, trueClaim(state));
const quotient = (a: K, b: K): K => mulK(a, invK(b));

/** What a prover sends for a claim, and what the verifier says to it. */
function attack(
  c: DenseCase,
  tamper: Tamper,
  claim: K,
  transcript = () => new Transcript(),
): string {
  const { bytes } = proveCase(c, { claim, tamper, transcript: transcript() });
  return verdict(verifyCase(c, bytes, { claim, transcript: transcript() }));
}

/**
 * Transcripts whose challenges are those of an honest run, but for ρ', ρ and γ' as told: with γ' = 0
 * the claim about ⟨v, g⟩ is not made, with γ' = 1 it is added instead of batched.
 */
function frozen(c: DenseCase, claim: K, replace: readonly (K | null)[]): () => Transcript {
  const recording = new RecordingTranscript();
  const { trace } = proveCase(c, { claim, transcript: recording });
  const challenges = recording.challenges.map((challenge) => {
    const which = trace.blinding.findIndex((b) => b.join() === challenge.join());
    return replace[which] ?? challenge;
  });
  return () => new FrozenTranscript({ challenges, indices: recording.indices });
}

describe.each([
  { name: 'several oracles', c: several },
  { name: 'one oracle', c: single },
])('malicious provers of a blinded opening: $name', ({ c }) => {
  const falseClaim = falseClaimOf(c);

  it('control: the honest one is accepted', () => {
    expect(attack(c, {}, c.claim)).toBe('ok');
    expect(attack(c, {}, c.claim, frozen(c, c.claim, []))).toBe('ok');
  });

  it('a false claim, all messages honest', () => {
    expect(attack(c, {}, falseClaim)).toBe('whir/final-claim');
    expect(attack(c, {}, falseClaim, frozen(c, falseClaim, []))).toBe('whir/final-claim');
  });

  it('a wrong σ_p', () => {
    expect(attack(c, { maskSum: (sum) => addK(sum, ONE) }, c.claim)).toBe('whir/final-claim');
  });

  it.each([
    ['E', 0],
    ['D', 1],
    ["b'", 2],
  ] as const)('a wrong %s', (_name, which) => {
    const blinding = (m) => m.map((x, i) => (i === which ? addK(x, ONE) : x));
    expect(attack(c, { blinding }, c.claim)).toBe('whir/final-claim');
  });

  it("a false claim with the σ_p that makes up for it, ρ' known before: only then", () => {
    const tamper = (factor: K): Tamper => ({
      maskSum: (sum, state) => subK(sum, quotient(excess(state), factor)),
    });
    const known: K = [9, 8, 7, 6, 5];
    const transcript = frozen(c, falseClaim, [known]);
    expect(attack(c, tamper(known), falseClaim, transcript)).toBe('ok');
    expect(attack(c, tamper(known), falseClaim)).toBe('whir/final-claim');
  });

  it('a false claim with the E that makes A true: caught by the claim about ⟨v, g⟩', () => {
    // ρ' is known when E is sent.
    const tamper: Tamper = {
      blinding: ([e = ZERO, d = ZERO, b = ZERO], state) => [
        addK(e, quotient(excess(state), state.maskFactor)),
        d,
        b,
      ],
    };
    const unclaimed = frozen(c, falseClaim, [null, null, ZERO]);
    // Without the claim about ⟨v, g⟩ E is anything at all.
    expect(attack(c, tamper, falseClaim, unclaimed)).toBe('ok');
    expect(attack(c, tamper, falseClaim)).toBe('whir/final-claim');
  });

  it("an error of A moved into b': caught by γ'", () => {
    const tamper: Tamper = {
      blinding: ([e = ZERO, d = ZERO, b = ZERO], state) => [e, d, subK(b, excess(state))],
    };
    expect(attack(c, tamper, falseClaim, frozen(c, falseClaim, [null, null, ONE]))).toBe('ok');
    expect(attack(c, tamper, falseClaim)).toBe('whir/final-claim');
  });

  it("an error moved between D and E: caught by γ'", () => {
    // E − δ makes A larger by ρ'·δ, and D + δ makes up for ρ·E.
    const tamper: Tamper = {
      blinding: ([e = ZERO, d = ZERO, b = ZERO], state) => {
        const delta = quotient(excess(state), state.maskFactor);
        return [addK(e, delta), subK(d, delta), b];
      },
    };
    expect(attack(c, tamper, falseClaim, frozen(c, falseClaim, [null, null, ONE]))).toBe('ok');
    expect(attack(c, tamper, falseClaim)).toBe('whir/final-claim');
  });

  it.each([
    ['D', 1],
    ["b'", 2],
    ['E', 0],
  ] as const)("ρ and γ' before %s", (_name, which) => {
    const [rho, gamma]: [K, K] = [
      [3, 1, 4, 1, 5],
      [2, 7, 1, 8, 2],
    ];
    const tamper: Tamper = {
      blinding: (message, state) => {
        const slope = [subK(mulK(gamma, rho), state.maskFactor), rho, gamma][which] ?? ONE;
        const change = quotient(excess(state), slope);
        return message.map((x, i) => (i === which ? subK(x, change) : x));
      },
    };
    expect(attack(c, tamper, falseClaim, frozen(c, falseClaim, [null, rho, gamma]))).toBe('ok');
    expect(attack(c, tamper, falseClaim)).toBe('whir/final-claim');
  });

  it.each([0, -1, -9])('the mask taken from rows outside U: row %i', (row) => {
    const tamper: Tamper = { maskRow: (first) => (row < 0 ? first + row : row) };
    // E is p(α) for that mask: only ⟨v, R_1⟩ tells.
    const unclaimed = frozen(c, c.claim, [null, null, ZERO]);
    expect(attack(c, tamper, c.claim, unclaimed)).toBe('ok');
    expect(attack(c, tamper, c.claim)).toBe('whir/final-claim');
  });

  it('another R than the committed one', () => {
    const blinding = c.blinding.map((column) => column.map((x) => (x + 1) % P));
    expect(attack({ ...c, blinding }, {}, c.claim)).not.toBe('ok');
  });

  it('a plain proof where a blinded one is due, and the other way round', () => {
    const unblinded = { ...c, parameters: { ...c.parameters, blinding: null } };
    expect(verdict(verifyCase(c, proveCase(unblinded).bytes))).not.toBe('ok');
    expect(verdict(verifyCase(unblinded, proveCase(c).bytes))).not.toBe('ok');
  });

  it.each([
    ['mask', [ZERO]],
    ['blinding', [null, ZERO]],
  ] as const)('a factor that is zero: %s', (of, replace) => {
    const transcript = frozen(c, c.claim, replace);
    const { bytes } = proveCase(c, { transcript: transcript() });
    const result = verifyCase(c, bytes, { transcript: transcript() });
    expect(result).toEqual({ ok: false, error: { kind: 'whir/zero-challenge', of } });
    // An honest prover does not send what would not hide.
    expect(() => streamCase(testEngine(), c, c.claim, transcript())).toThrow(
      expect.objectContaining({ code: 'ASSAY_UNLUCKY_CHALLENGE' }),
    );
  });
});

describe('salts and blinding words', () => {
  const [slot, c] = [1, several];
  const columns = c.slots[slot]?.columns ?? 0;
  /** The proof of a prover that opens a tree like slot 1's, changed as told. */
  const opened = (change: (tree: DenseTree) => DenseTree): Uint8Array =>
    proveCase(c, {
      tamper: {
        trees: (oracle, trees) =>
          trees.map((tree, s) => (oracle === 0 && s === slot ? change(tree) : tree)),
      },
    }).bytes;
  const notUnderRoot = {
    ok: false,
    error: { kind: 'whir/merkle', oracle: 0, slot, error: { kind: 'merkle/root' } },
  };

  it('a wrong salt', () => {
    const salted = (tree: DenseTree): DenseTree => ({
      ...tree,
      salts: tree.salts?.map((salt) => salt.map((byte, i) => (i === 31 ? byte ^ 1 : byte))) ?? null,
    });
    expect(verifyCase(c, opened(salted))).toEqual(notUnderRoot);
  });

  it('a salt missing, and one where none is due', () => {
    expect(
      verdict(
        verifyCase(
          c,
          opened((tree) => ({ ...tree, salts: null })),
        ),
      ),
    ).not.toBe('ok');
    const { bytes } = proveCase(c);
    const flipped = (which: number) =>
      c.roots.map((root, s) => (s === which ? { ...root, salted: !root.salted } : root));
    expect(verdict(verifyCase(c, bytes, { roots: flipped(0) }))).not.toBe('ok');
    expect(verdict(verifyCase(c, bytes, { roots: flipped(1) }))).not.toBe('ok');
    // A tree without salts where salts are due: its leaves are other hashes.
    const bare = denseCase(51, BLINDED, SMALL_SLOTS);
    const roots = bare.roots.map((root, s) => ({ ...root, salted: s === slot }));
    expect(verdict(verifyCase(bare, proveCase(bare).bytes, { roots }))).not.toBe('ok');
  });

  it.each([0, 1, 2, 3, 4])('word %i of R changed in the opened rows', (word) => {
    const changed = (tree: DenseTree): DenseTree => ({
      ...tree,
      rows: tree.rows.map((row) => row.map((x, i) => (i === columns + word ? (x + 1) % P : x))),
    });
    expect(verifyCase(c, opened(changed))).toEqual(notUnderRoot);
  });

  it('rows without the words of R', () => {
    const cut = (tree: DenseTree): DenseTree => ({
      ...tree,
      rows: tree.rows.map((row) => row.subarray(0, columns)),
    });
    expect(verdict(verifyCase(c, opened(cut)))).not.toBe('ok');
  });

  it('R in a slot that is not the last', () => {
    const first = denseCase(53, BLINDED, SMALL_SLOTS);
    const swapped = first.roots.toReversed();
    expect(verdict(verifyCase(first, proveCase(first).bytes, { roots: swapped }))).not.toBe('ok');
  });
});

describe('proof of work before ρ', () => {
  const c = denseCase(54, { ...BLINDED, blinding: { powBits: 6 } }, SMALL_SLOTS, 0);

  it('a wrong nonce', () => {
    expect(verdict(verifyCase(c, proveCase(c).bytes))).toBe('ok');
    const { bytes } = proveCase(c, { tamper: { nonce: (n) => n + 1n } });
    expect(verifyCase(c, bytes)).toEqual({
      ok: false,
      error: { kind: 'whir/proof-of-work', oracle: 0, before: 'blinding' },
    });
  });

  it('no nonce where one is due', () => {
    const { bytes } = proveCase({ ...c, parameters: BLINDED });
    expect(verdict(verifyCase(c, bytes))).not.toBe('ok');
  });
});

describe('encoding of a blinded opening', () => {
  const c = denseCase(55, { ...BLINDED, blinding: { powBits: 2 } }, SMALL_SLOTS, 0);
  const { bytes } = proveCase(c);

  it('every truncation is rejected, and says where', () => {
    const parts: string[] = [];
    for (let length = 0; length < bytes.length; length += 3) {
      const result = verifyCase(c, bytes.slice(0, length));
      if (result === 'trailing' || result.ok || result.error.kind !== 'whir/encoding') {
        throw new Error(`accepted or misnamed at ${length} bytes: ${verdict(result)}`);
      }
      expect(result.error.failure).toBe('truncated');
      const part = `${result.error.part} ${result.error.oracle}`;
      if (!parts.includes(part)) parts.push(part);
    }
    expect(parts.slice(0, 9)).toEqual([
      'mask sum 0',
      'round 0',
      'blinding 0',
      'nonce 0',
      'root 1',
      'out-of-domain 1',
      'salt 0',
      'row 0',
      'sibling 0',
    ]);
  });

  it('every changed word is rejected', () => {
    for (let offset = 0; offset < bytes.length; offset += 4) {
      const changed = bytes.slice();
      changed[offset] = (changed[offset] ?? 0) ^ 1;
      expect(verdict(verifyCase(c, changed)), `byte ${offset}`).not.toBe('ok');
    }
  });

  it('elements that are not canonical', () => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    /** 3 rounds of two elements lie between σ_p and E, D, b'. */
    for (const [part, from, count] of [
      ['mask sum', 0, 5],
      ['blinding', 20 + 3 * 40, 15],
    ] as const) {
      for (let i = 0; i < count; i++) {
        const at = from + 4 * i;
        const word = view.getUint32(at, true);
        const changed = bytes.slice();
        new DataView(changed.buffer).setUint32(at, word + P, true);
        expect(verifyCase(c, changed)).toEqual({
          ok: false,
          error: { kind: 'whir/encoding', oracle: 0, part, failure: 'non-canonical' },
        });
      }
    }
  });

  it('bytes after the end are left to the caller, who sees them', () => {
    expect(verifyCase(c, Uint8Array.from([...bytes, 0]))).toBe('trailing');
  });

  it('parameters that do not fit are told before anything is read', () => {
    const reader = new ProofReader(bytes);
    const parameters = { ...c.parameters, blinding: { powBits: Number.NaN } };
    const transcript = startTranscript(c.roots, new Transcript());
    const evaluate = (point: readonly K[]): K => evaluateMle(c.weights, point);
    const result = verifyOpening(transcript, reader, parameters, c.roots, c.claim, evaluate);
    expect(verdict(result)).toBe('whir/parameters');
    expect(reader.offset).toBe(0);
  });
});
