import { bytesOfU64 } from '@assay/core/codec';
import { addK, invK, type K, mulK, negK, ONE, P, subK, toF, ZERO } from '@assay/core/field';
import { concatBytes, keccak256 } from '@assay/core/hash';
import { eqPoint } from '@assay/core/poly';
import { seededRandomness } from '@assay/core/testing';
import {
  TAG_BATCHED_CLAIM,
  TAG_FINAL_POLYNOMIAL,
  TAG_HIDING,
  TAG_LOGUP_LAYER,
  TAG_LOGUP_TOP,
  TAG_NONCE,
  TAG_OPERANDS,
  TAG_OUT_OF_DOMAIN,
  TAG_ROOT,
  TAG_ROUND,
  TAG_STATEMENT,
} from '@assay/core/transcript';
import { type Program, sharedPoint } from '@assay/program';
import {
  along,
  fill,
  form,
  product,
  ProgramBuilder,
  seededDraw,
  term,
} from '@assay/runtime/testing';
import {
  collectClaims,
  instanceCoefficients,
  joinClaims,
  type Statement,
  verifyPrepared,
} from '@assay/verifier';
import { describe, expect, test, vi } from 'vitest';
import type { Witness } from '../src/index.ts';
import { proveWith } from '../src/testing/index.ts';
import {
  centred,
  deficit,
  elementWeight,
  forge,
  type Forgery,
  type Learned,
  solve,
  trueValue,
  allValues,
} from './forger.ts';
import { claimedRun } from './liar.ts';
import type { Lie } from './lying.ts';
import { recorded, steered, type Steering } from './steered.ts';
import {
  COMMITTED_INPUT,
  HIDDEN_INPUT,
  HIDDEN_WEIGHTS,
  isPlain,
  PLAIN,
  profileName,
  proveToy,
  tensorNamed,
  toyEngine,
  toyKey,
} from './toy-key.ts';

// Prover and verifier make their own transcripts; here they make steered ones.
vi.mock('@assay/core/transcript', async (original) => {
  const actual = await original<typeof import('@assay/core/transcript')>();
  const { steeredTranscript } = await import('./steered.ts');
  return { ...actual, Transcript: steeredTranscript(actual.Transcript) };
});

/**
 * Each message of the argument is observed for a reason. Every forgery here is accepted if prover and
 * verifier leave one observe out, the same one (or if the challenges are known beforehand, where that
 * is what it takes), and rejected on the real transcript. LogUp's, the sumcheck's and the opening's
 * own messages have the same tests in core.
 */

const SIZE = 8;
const HALF = (P - 1) / 2;

/** u = Σ x·w, y = u⊙u + 3u: two einsums, one of them with a shared axis, a lookup, outputs as wide as F. */
function wideProgram(): Program {
  const b = new ProgramBuilder('wide');
  b.node('layers', 'Test');
  const x = b.input('x', [4], { lo: -3, hi: 3 });
  const w = b.model('w', [4, SIZE], { lo: -5, hi: 5 });
  const u = b.witness('u', [SIZE]);
  b.define(u, form([]), [
    product(form([term(x, [along(1)])]), form([term(w, [along(1), along(0)])]), [4]),
  ]);
  b.inRange(u, -64, 63);
  const y = b.output('y', [SIZE], { lo: -HALF, hi: HALF });
  b.define(y, form([b.whole(u, 3)]), [product(b.wholeForm(u), b.wholeForm(u))]);
  return b.build();
}

const engine = toyEngine();
const toy = fill(wideProgram(), seededDraw(17));
const { program } = toy;
const [u, y] = [tensorNamed(program, 'u'), tensorNamed(program, 'y')];
const without = (tag: number, index = 0): Partial<Steering> => ({
  omits: (t, i) => t === tag && i === index,
});
const divide = (a: K, b: K): K => mulK(a, invK(b));
const weightOf = (learned: Learned, index: number): K =>
  learned.joined.weights[index]?.coefficient ?? ZERO;

const claimed = (learned: Learned, l: number): K => {
  const claim = learned.claims[l];
  return claim === undefined ? ZERO : learned.numeric(claim.value);
};

const profiles = [PLAIN, HIDDEN_INPUT, COMMITTED_INPUT, HIDDEN_WEIGHTS].map(
  (profile) => [profileName(profile), profile] as const,
);

describe.each(profiles)('%s', (_name, profile) => {
  const isHiding = !isPlain(profile);
  const logRows = isHiding ? 7 : 6;
  const key = toyKey(engine, program, toy.weights, {
    profile,
    targetBits: 30,
    logRows,
    powBits: 3,
  });
  const verifyingKey = key.argument.key;
  const { trace } = proveToy(engine, key, toy);
  const honest = claimedRun(engine, key, trace);
  const { witness } = honest;
  /** What is refused at once where everything is public. */
  const found = (kind: string): string => (isHiding ? 'proof/opening' : kind);

  /** One output more by one: a lie that the prover cannot defend. */
  const outputs = honest.statement.outputs.get('y') ?? new Int32Array();
  const wrongOutputs = outputs.map((v, i) => (i === 0 ? v + 1 : v));
  const lie: Statement = { ...honest.statement, outputs: new Map([['y', wrongOutputs]]) };

  const verdict = (statement: Statement, proof: Uint8Array): string => {
    const verified = verifyPrepared(key.argument, statement, proof);
    return verified.ok ? 'accepted' : verified.error.kind;
  };
  const attempt = (
    statement: Statement,
    forgery: Forgery = {},
    own: Witness = witness,
  ): Uint8Array => forge(engine, key, statement, own, forgery);

  /** The first run: messages that are honest as far as the lie allows, and what they teach. */
  function learn(statement: Statement, forgery: Forgery = {}): Learned {
    let learned: Learned | undefined;
    attempt(statement, { ...forgery, onLearned: (l) => (learned = l) });
    if (learned === undefined) throw new Error('nothing learned');
    return learned;
  }

  /** The forgery is accepted where the observe is missing, and nowhere else. */
  function gate(
    change: Partial<Steering>,
    forged: () => { readonly statement: Statement; readonly proof: Uint8Array },
    rejection: string | RegExp,
  ): void {
    steered(change, () => {
      const { statement, proof } = forged();
      expect(verdict(statement, proof)).toBe('accepted');
    });
    const { statement, proof } = forged();
    expect(verdict(statement, proof)).toMatch(rejection);
  }

  describe('the forger', () => {
    test('without a lie makes the proof that the prover makes', () => {
      const proof = proveWith(engine, key, honest.statement, witness, seededRandomness(1));
      expect(attempt(honest.statement)).toEqual(proof);
      expect(verdict(honest.statement, proof)).toBe('accepted');
    });

    test('with a false output and no forgery is rejected', () => {
      expect(verdict(lie, attempt(lie))).toBe('proof/opening');
    });
  });

  test('prover and verifier observe the same messages, in the order of the protocol', () => {
    const proof = attempt(honest.statement);
    const proving = recorded(() => attempt(honest.statement));
    const verifying = recorded(() => verdict(honest.statement, proof));
    expect(verifying).toEqual(proving);
    const { lookups, einsums } = key.argument.system;
    const { whir } = verifyingKey.parameters;
    const top = isHiding ? 0 : 5;
    const layers = Array.from({ length: lookups.variables - top }, (_, l) => [
      ...new Array<number>(top + l).fill(TAG_ROUND),
      TAG_LOGUP_LAYER,
    ]).flat();
    const inHiding = (...tags: number[]): number[] => (isHiding ? tags : []);
    const work = (bits = 0): number[] => (bits === 0 ? [] : [TAG_NONCE]);
    const rounds = (count: number, bits: number | undefined): number[] =>
      Array.from({ length: count }, () => [TAG_ROUND, ...work(bits)]).flat();
    const opening = whir.foldings.flatMap((folding, i) => [
      ...(i === 0
        ? []
        : [
            TAG_ROOT,
            ...new Array<number>(whir.oodSamples[i] ?? 0).fill(TAG_OUT_OF_DOMAIN),
            ...work(whir.queryPowBits[i - 1]),
          ]),
      ...(i === 0 ? inHiding(TAG_HIDING) : []),
      ...rounds(folding, whir.foldPowBits[i]),
      ...(i === 0 ? inHiding(TAG_HIDING, ...work(whir.blinding?.powBits)) : []),
    ]);
    const rest = whir.foldings.reduce((n, k) => n - k, whir.logRows + (whir.foldings[0] ?? 0));
    expect(verifying.tags).toEqual([
      TAG_STATEMENT,
      TAG_ROOT,
      TAG_OUT_OF_DOMAIN,
      TAG_OUT_OF_DOMAIN,
      TAG_NONCE,
      TAG_LOGUP_TOP,
      ...layers,
      TAG_BATCHED_CLAIM,
      ...new Array<number>(einsums.innerVariables).fill(TAG_ROUND),
      TAG_OPERANDS,
      ...inHiding(TAG_HIDING, TAG_HIDING),
      TAG_NONCE,
      ...opening,
      TAG_FINAL_POLYNOMIAL,
      ...work(whir.queryPowBits.at(-1)),
      ...rounds(rest, 0),
    ]);
  });

  describe('S0: the statement', () => {
    test('a proof for one nonce, shown for another', () => {
      const other: Statement = { ...honest.statement, nonce: Uint8Array.of(1, 2, 3) };
      gate(
        without(TAG_STATEMENT),
        () => ({ statement: other, proof: attempt(honest.statement) }),
        /^proof/,
      );
    });

    test('outputs that are chosen once the challenges are known', () => {
      gate(
        without(TAG_STATEMENT),
        () => {
          let learned: Learned | undefined;
          const proof = attempt(honest.statement, { onLearned: (l) => (learned = l) });
          if (learned === undefined) throw new Error('nothing learned');
          const { gamma, transcribed, known, checks, resolve } = learned;
          // The joined claim is linear in the outputs: eight unknowns, five equations.
          const joinedFor = (values: Int32Array): K => {
            const given = {
              known: new Map([...known, [y, values]]),
              statement: honest.statement,
              checks,
            };
            const { claims } = collectClaims(key.argument, given, transcribed);
            return joinClaims(key.argument, claims, gamma, resolve).value;
          };
          const nothing = joinedFor(new Int32Array(SIZE));
          const columns = Array.from({ length: SIZE }, (_, i) =>
            subK(joinedFor(new Int32Array(SIZE).map((_v, j) => (i === j ? 1 : 0))), nothing),
          );
          const change = solve(columns.slice(0, -1), negK(columns[SIZE - 1] ?? ZERO));
          if (change === null) throw new Error('no solution');
          const chosen = outputs.map((v, i) => centred(toF(v + (change[i] ?? 1))));
          expect(chosen).not.toEqual(outputs);
          const statement = { ...honest.statement, outputs: new Map([['y', chosen]]) };
          return { statement, proof };
        },
        'proof/',
      );
    });
  });

  test('S1: the witness root: a witness that is committed once all challenges are known', () => {
    const elements = [1, 2, 3, 4, 5];
    gate(
      without(TAG_ROOT),
      () => {
        const replace = (learned: Learned): Witness => {
          const columns = elements.map((i) => elementWeight(key, learned, u, i));
          const change = solve(columns, deficit(key, learned, witness));
          if (change === null) throw new Error('no solution');
          const values = (trace.get(u) ?? new Int32Array()).slice();
          for (const [j, i] of elements.entries())
            values[i] = centred(toF((values[i] ?? 0) + (change[j] ?? 0)));
          return {
            ...witness,
            trace: new Map<number, Int32Array>([...trace, [u, values]]),
          };
        };
        return { statement: lie, proof: attempt(lie, { replace }) };
      },
      /^proof/,
    );
  });

  test.each([0, 1])('S2: out-of-domain answer %i takes up what another claim lacks', (j) => {
    gate(
      without(TAG_OUT_OF_DOMAIN, j),
      () => {
        const learned = learn(lie);
        const samples = learned.transcribed.outOfDomain;
        const claim = learned.claims.findIndex(
          ({ weight }) => weight.kind === 'power' && weight.z === samples[j]?.z,
        );
        const error = divide(deficit(key, learned, witness), weightOf(learned, claim));
        const lies = [
          {
            tag: TAG_OUT_OF_DOMAIN,
            index: j,
            change: ([a = ZERO]: readonly K[]) => [subK(a, error)],
          },
        ];
        return { statement: lie, proof: attempt(lie, { lies }) };
      },
      'proof/',
    );
  });

  describe('S5', () => {
    test('C: chosen together with a round that hides it, challenges known beforehand', () => {
      // The claim about C comes before those about the operands of two einsums.
      const forged = (): { statement: Statement; proof: Uint8Array } => {
        const learned = learn(lie);
        const claim = learned.claims.length - (isHiding ? 6 : 5);
        const values = allValues(key, witness);
        const error = subK(claimed(learned, claim), trueValue(learned, claim, values));
        const [r = ZERO] = learned.transcribed.inner;
        // r·(C' − C) + (1 − 2r)·d = 0
        const hidden = divide(negK(mulK(r, error)), subK(ONE, addK(r, r)));
        const layers = key.argument.system.lookups.variables;
        const firstRound = (layers * (layers - 1)) / 2 - (isHiding ? 0 : 10);
        const lies = [
          {
            tag: TAG_BATCHED_CLAIM,
            index: 0,
            change: ([c = ZERO]: readonly K[]) => [addK(c, error)],
          },
          {
            tag: TAG_ROUND,
            index: firstRound,
            change: ([c0 = ZERO, ...more]: readonly K[]) => [addK(c0, hidden), ...more],
          },
        ];
        return { statement: lie, proof: attempt(lie, { lies }) };
      };
      const { challenges, indices } = recorded(() => attempt(lie));
      gate({ frozen: { challenges, indices } }, forged, found('proof/operands'));
    });

    if (!isHiding) {
      test('C: unobserved it fits any rounds at all', () => {
        const layers = key.argument.system.lookups.variables;
        const index = (layers * (layers - 1)) / 2 - 10;
        const garbage = {
          tag: TAG_ROUND,
          index,
          change: ([c0 = ZERO, ...more]: readonly K[]) => [addK(c0, ONE), ...more],
        };
        const forged = (): Uint8Array => {
          const [r = ZERO] = learn(honest.statement, { lies: [garbage] }).transcribed.inner;
          const shift = divide(subK(ONE, addK(r, r)), r);
          const claim = {
            tag: TAG_BATCHED_CLAIM,
            index: 0,
            change: ([c = ZERO]: readonly K[]) => [subK(c, shift)],
          };
          return attempt(honest.statement, { lies: [claim, garbage] });
        };
        // It passes S5; that C is not what the linear parts say only the opening finds out.
        steered(without(TAG_BATCHED_CLAIM), () =>
          expect(verdict(honest.statement, forged())).toBe('proof/opening'),
        );
        expect(verdict(honest.statement, forged())).toBe('proof/operands');
      });

      test('operands: chosen once γ is known', () => {
        gate(
          without(TAG_OPERANDS),
          () => {
            const learned = learn(lie);
            const { outer, inner, lambda, operands } = learned.transcribed;
            const { instances } = key.argument.system.einsums;
            const powers = instanceCoefficients(key.argument, lambda);
            // How much the last claim of the sumcheck gains with each left operand.
            const gains = instances.map((instance, i) => {
              const entered = inner.length - instance.variables;
              const skipped = inner.slice(0, entered).reduce(mulK, ONE);
              const shared = inner.slice(entered, entered + instance.sharedVariables);
              const eq = eqPoint(sharedPoint(key.argument.system, instance, outer), shared);
              const right = operands[i]?.right.constant ?? ZERO;
              return mulK(mulK(powers[i] ?? ZERO, mulK(skipped, eq)), right);
            });
            const [g0 = ZERO, g1 = ZERO] = gains;
            const first = learned.claims.length - 4;
            const [w0, w1] = [weightOf(learned, first), weightOf(learned, first + 2)];
            // g0·d0 + g1·d1 = 0 and w0·d0 + w1·d1 = −deficit
            const determinant = subK(mulK(g0, w1), mulK(g1, w0));
            const lack = negK(deficit(key, learned, witness));
            const d0 = divide(negK(mulK(g1, lack)), determinant);
            const d1 = divide(mulK(g0, lack), determinant);
            const lies = [
              {
                tag: TAG_OPERANDS,
                index: 0,
                change: ([l0 = ZERO, r0 = ZERO, l1 = ZERO, r1 = ZERO]: readonly K[]) => [
                  addK(l0, d0),
                  r0,
                  addK(l1, d1),
                  r1,
                ],
              },
            ];
            return { statement: lie, proof: attempt(lie, { lies }) };
          },
          'proof/',
        );
      });
    }
  });

  /**
   * Under pads nothing is decided before the opening, whose claim is linear in every message: a message
   * that is not observed can be chosen once all challenges are known, so that whatever is false is made
   * up for.
   */
  if (isHiding) {
    describe('messages under pads, and about them', () => {
      const { lookups } = key.argument.system;
      const rounds = (lookups.variables * (lookups.variables - 1)) / 2;

      /** A lie about the first element of a message that makes the joined claim true. */
      const tuned = (tag: number, index: number): Lie[] => {
        // What is said of products stays, so that the challenges do.
        const products: (readonly K[])[] = [];
        learn(lie, {
          lies: [0, 1].map((i) => ({
            tag: TAG_HIDING,
            index: i,
            change: (m) => (products[i] = m),
          })),
        });
        const moved = (by: K): Lie[] => {
          const kept = products.map((said, i) => ({
            tag: TAG_HIDING,
            index: i,
            change: () => said,
          }));
          const move: Lie = {
            tag,
            index,
            change: ([first = ZERO, ...more]) => [addK(first, by), ...more],
          };
          return [move, ...kept.filter((l) => l.tag !== tag || l.index !== index)];
        };
        const lack = (by: K): K => deficit(key, learn(lie, { lies: moved(by) }), witness);
        const [before, after] = [lack(ZERO), lack(ONE)];
        return moved(divide(negK(before), subK(after, before)));
      };

      test.each([
        ["the root's denominator", TAG_LOGUP_TOP, 0],
        ['the first layer of LogUp', TAG_LOGUP_LAYER, 0],
        ['the first round of LogUp', TAG_ROUND, 0],
        ['the last layer of LogUp', TAG_LOGUP_LAYER, lookups.variables - 1],
        ['C', TAG_BATCHED_CLAIM, 0],
        ['the first round of the sumcheck', TAG_ROUND, rounds],
        ['operands', TAG_OPERANDS, 0],
        ['products', TAG_HIDING, 0],
        ['opened operands of products', TAG_HIDING, 1],
      ] as const)('%s', (_message, tag, index) => {
        gate(
          without(tag, index),
          () => ({ statement: lie, proof: attempt(lie, { lies: tuned(tag, index) }) }),
          'proof/opening',
        );
      });

      /** The lack of the false claim, and the challenges of the masked rounds: ρ', α, ρ. */
      const masked = (): { lack: K; factor: K; point: readonly K[]; rho: K } => {
        let from = 0;
        let lack = ZERO;
        const mark: Lie = {
          tag: TAG_HIDING,
          index: 2,
          change: (m, { length }) => {
            from = length;
            return m;
          },
        };
        const { challenges } = recorded(() =>
          attempt(lie, { lies: [mark], onLearned: (l) => (lack = deficit(key, l, witness)) }),
        );
        const [factor = ZERO, ...more] = challenges.slice(from);
        const [folding = 0] = verifyingKey.parameters.whir.foldings;
        return { lack, factor, point: more.slice(0, folding), rho: more[folding] ?? ZERO };
      };

      test("the mask's sum", () => {
        gate(
          without(TAG_HIDING, 2),
          () => {
            const { lack, factor } = masked();
            const change = ([sum = ZERO]: readonly K[]): K[] => [subK(sum, divide(lack, factor))];
            const lies = [{ tag: TAG_HIDING, index: 2, change }];
            return { statement: lie, proof: attempt(lie, { lies }) };
          },
          'proof/opening',
        );
      });

      test('what is said of R', () => {
        gate(
          without(TAG_HIDING, 3),
          () => {
            const { lack, point, rho } = masked();
            const error = point.reduce(mulK, lack);
            const change = ([e = ZERO, d = ZERO, b = ZERO]: readonly K[]): K[] => [
              e,
              subK(d, divide(error, rho)),
              b,
            ];
            const lies = [{ tag: TAG_HIDING, index: 3, change }];
            return { statement: lie, proof: attempt(lie, { lies }) };
          },
          'proof/opening',
        );
      });
    });
  }

  describe('proof of work', () => {
    const passes = (state: Uint8Array, bits: number, nonce: bigint): boolean => {
      const digest = keccak256(concatBytes(Uint8Array.of(4), state, bytesOfU64(nonce)));
      return (digest.at(-1) ?? 1) % 2 ** bits === 0;
    };

    test.each([0, 1])('the nonce of slot %i decides the challenge after it', (slot) => {
      const { lookupPowBits, batchPowBits } = verifyingKey.parameters;
      expect([lookupPowBits, batchPowBits]).toEqual([3, 3]);
      // A second nonce that passes, put into a finished proof.
      const swapped = (): { statement: Statement; proof: Uint8Array } => {
        const nonces: bigint[] = [];
        let at: Uint8Array | undefined;
        const proof = attempt(honest.statement, {
          nonce: (n, bits, state) => {
            if (n !== slot || at !== undefined) return null;
            at = state;
            for (let nonce = 0n; nonces.length < 2; nonce++)
              if (passes(state, bits, nonce)) nonces.push(nonce);
            return nonces[0] ?? null;
          },
        });
        const [first, second] = nonces.map(bytesOfU64);
        if (first === undefined || second === undefined) throw new Error('no nonces');
        const place = indexOf(proof, first, slot === 0 ? 12 + 32 + 40 : 12 + 32 + 48);
        const other = proof.slice();
        other.set(second, place);
        return { statement: honest.statement, proof: other };
      };
      gate(without(TAG_NONCE, slot), swapped, /^proof/);
    });

    test.each([
      [0, 'S3'],
      [1, 'S7'],
    ] as const)('a nonce that does not pass is rejected: %i, %s', (slot, step) => {
      const proof = attempt(honest.statement, {
        nonce: (n, bits, state) => {
          if (n !== slot) return null;
          let nonce = 0n;
          while (passes(state, bits, nonce)) nonce++;
          return nonce;
        },
      });
      expect(verifyPrepared(key.argument, honest.statement, proof)).toEqual({
        ok: false,
        error: { kind: 'proof/pow', step },
      });
    });
  });
});

function indexOf(bytes: Uint8Array, part: Uint8Array, from: number): number {
  for (let at = from; at + part.length <= bytes.length; at++)
    if (part.every((b, i) => bytes[at + i] === b)) return at;
  throw new Error('not found');
}
