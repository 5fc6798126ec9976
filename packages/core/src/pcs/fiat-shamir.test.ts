import { describe, expect, it } from 'vitest';
import {
  type DenseCase,
  denseCase,
  proveCase,
  SMALL,
  SMALL_SLOTS,
  trueClaim,
  verdict,
  verifyCase,
} from '../../test/whir-cases.ts';
import {
  type DenseState,
  type DenseTrace,
  innerK,
  type Tamper,
} from '../../test/whir-reference.ts';
import {
  addK,
  baseK,
  invK,
  type K,
  mulK,
  negK,
  ONE,
  powF,
  rootOfUnity,
  subK,
  ZERO,
} from '../field/index.ts';
import { OmittingTranscript, RecordingTranscript } from '../testing/index.ts';
import {
  TAG_FINAL_POLYNOMIAL,
  TAG_HIDING,
  TAG_NONCE,
  TAG_OUT_OF_DOMAIN,
  TAG_ROOT,
  TAG_ROUND,
  type Transcript,
} from '../transcript/index.ts';
import { oracleShapes } from './parameters.ts';

/**
 * Each message is observed for a reason: a prover and a verifier that leave out one observe, the same
 * one, can be fooled by a prover that knows the challenges after it. Every forgery below is accepted
 * with that observe left out, and rejected on the real transcript.
 */

const plain = denseCase(21);
const blinded = denseCase(22, { ...SMALL, blinding: { powBits: 2 } }, SMALL_SLOTS, 1);
const shapes = oracleShapes(SMALL);
const falseClaimOf = (c: DenseCase): K => addK(c.claim, [5, 4, 3, 2, 1]);

/** An honest proof, and what was said and asked on the way. */
function honestRun(c: DenseCase): { bytes: Uint8Array; transcript: RecordingTranscript } {
  const transcript = new RecordingTranscript();
  return { transcript, bytes: proveCase(c, { transcript }).bytes };
}

/** What the running claim exceeds the truth by. */
function excess(state: DenseState): K {
  return subK(state.claim, trueClaim(state));
}

/** Coefficients of Π (X − x), padded to `length`. */
function vanishing(xs: readonly K[], length: number): K[] {
  let product: K[] = [ONE];
  for (const x of xs) {
    const shifted = [ZERO, ...product];
    product = shifted.map((s, i) => subK(s, mulK(x, product[i] ?? ZERO)));
  }
  if (product.length > length) throw new RangeError('more points than coefficients');
  return [...product, ...Array.from({ length: length - product.length }, () => ZERO)];
}

/** f plus a multiple of the polynomial that vanishes where f will be asked, so that the claim is true. */
function bend(state: DenseState, xs: readonly K[]): K[] {
  const zero = vanishing(xs, state.f.length);
  const factor = mulK(excess(state), invK(innerK(state.w, zero)));
  return state.f.map((v, i) => addK(v, mulK(factor, zero[i] ?? ZERO)));
}

function queried(trace: DenseTrace, oracle: number): K[] {
  const omega = rootOfUnity(shapes[oracle]?.logDomain ?? 0);
  return (trace.indices[oracle] ?? []).map((index) => baseK(powF(omega, index)));
}

/** A message site: its number among all observes, and the forgery that its absence allows. */
interface Site {
  readonly name: string;
  readonly observe: number;
  readonly forge: (trace: DenseTrace) => Tamper;
}

/** Round message (c0, c2) -> next claim r·σ + (1 − 2r)·c0 + …: choose c0 so that the excess goes. */
function forgeRound(round: number): Site['forge'] {
  return (trace) => ({
    round: (index, message, state) => {
      if (index !== round) return message;
      const r = trace.challenges[round] ?? ZERO;
      const slope = subK(ONE, addK(r, r));
      const shift = mulK(mulK(r, excess(state)), invK(slope));
      return [subK(message[0], shift), message[1]];
    },
  });
}

function forgeAnswer(oracle: number, j: number): Site['forge'] {
  return (trace) => ({
    answer: (i, l, y, state) => {
      if (i !== oracle || l !== j) return y;
      const gamma = trace.gammas[oracle - 1] ?? ZERO;
      let power = gamma;
      for (let e = 0; e < j; e++) power = mulK(power, gamma);
      return addK(y, mulK(negK(excess(state)), invK(power)));
    },
  });
}

function forgeOracle(oracle: number): Site['forge'] {
  return (trace) => ({
    oracle: (i, state) =>
      i === oracle
        ? bend(state, [...(trace.points[oracle - 1] ?? []), ...queried(trace, oracle - 1)])
        : state.f,
  });
}

function forgeFinal(trace: DenseTrace): Tamper {
  return { final: (state) => bend(state, queried(trace, shapes.length - 1)) };
}

/** σ + ρ'·σ_p: choose σ_p so that the excess goes. */
function forgeMaskSum({ blinding: [factor = ONE] }: DenseTrace): Tamper {
  return { maskSum: (sum, state) => subK(sum, mulK(excess(state), invK(factor))) };
}

/** One of E, D, b' in (B − ρ'·E) + ρ·D + γ'·(b' + ρ·E). */
function forgeBlinding(which: number): Site['forge'] {
  return ({ blinding: [factor = ONE, rho = ONE, gamma = ONE] }) => {
    const slope = [subK(mulK(gamma, rho), factor), rho, gamma][which] ?? ONE;
    return {
      blinding: (honest, state) =>
        honest.map((value, i) =>
          i === which ? subK(value, mulK(excess(state), invK(slope))) : value,
        ),
    };
  };
}

/** The sites of the opening in the order of the honest run. */
function sites(c: DenseCase): Site[] {
  const found: Site[] = [];
  let round = 0;
  let oracle = 0;
  let answer = 0;
  let hiding = 0;
  for (const [observe, { tag }] of honestRun(c).transcript.observed.entries()) {
    if (observe < c.roots.length) continue;
    if (tag === TAG_ROUND) {
      found.push({ name: `round ${round}`, observe, forge: forgeRound(round) });
      round++;
    } else if (tag === TAG_ROOT) {
      oracle++;
      answer = 0;
      found.push({ name: `root ${oracle}`, observe, forge: forgeOracle(oracle) });
    } else if (tag === TAG_OUT_OF_DOMAIN) {
      const forge = forgeAnswer(oracle, answer);
      found.push({ name: `answer ${oracle}, ${answer}`, observe, forge });
      answer++;
    } else if (tag === TAG_FINAL_POLYNOMIAL) {
      found.push({ name: 'final polynomial', observe, forge: forgeFinal });
    } else if (tag === TAG_HIDING && hiding++ === 0) {
      found.push({ name: 'mask sum', observe, forge: forgeMaskSum });
    } else if (tag === TAG_HIDING) {
      for (const [which, name] of ['E', 'D', "b'"].entries()) {
        found.push({ name: `blinding: ${name}`, observe, forge: forgeBlinding(which) });
      }
    }
  }
  return found;
}

function forgery(c: DenseCase, site: Site, transcript: () => Transcript): string {
  const falseClaim = falseClaimOf(c);
  // First run: honest messages for a false claim, to learn the challenges after the omitted one.
  const { trace } = proveCase(c, { transcript: transcript(), claim: falseClaim });
  const tamper = site.forge(trace);
  const { bytes } = proveCase(c, { transcript: transcript(), claim: falseClaim, tamper });
  return verdict(verifyCase(c, bytes, { transcript: transcript(), claim: falseClaim }));
}

/** Tags of the rounds of an oracle. */
const rounds = (count: number, work: boolean): number[] =>
  Array.from({ length: count }, () => (work ? [TAG_ROUND, TAG_NONCE] : [TAG_ROUND])).flat();

/** Behind the first rounds. */
const later = [
  TAG_ROOT,
  TAG_OUT_OF_DOMAIN,
  TAG_OUT_OF_DOMAIN,
  TAG_NONCE,
  ...rounds(2, false),
  TAG_ROOT,
  TAG_OUT_OF_DOMAIN,
  TAG_NONCE,
  ...rounds(1, true),
  TAG_FINAL_POLYNOMIAL,
  ...rounds(3, false),
];

const laterSites = [
  'root 1',
  'answer 1, 0',
  'answer 1, 1',
  'round 3',
  'round 4',
  'root 2',
  'answer 2, 0',
  'round 5',
  'final polynomial',
  'round 6',
  'round 7',
  'round 8',
];

describe.each([
  {
    name: 'plain',
    c: plain,
    tags: [TAG_ROOT, TAG_ROOT, ...rounds(3, true), ...later],
    names: ['round 0', 'round 1', 'round 2', ...laterSites],
  },
  {
    name: 'blinded',
    c: blinded,
    tags: [TAG_ROOT, TAG_ROOT, TAG_HIDING, ...rounds(3, true), TAG_HIDING, TAG_NONCE, ...later],
    names: [
      'mask sum',
      'round 0',
      'round 1',
      'round 2',
      'blinding: E',
      'blinding: D',
      "blinding: b'",
      ...laterSites,
    ],
  },
])('Fiat–Shamir, $name', ({ c, tags, names }) => {
  const { transcript: honest, bytes: honestBytes } = honestRun(c);

  it('prover and verifier observe the same messages in the order of the protocol', () => {
    const verifier = new RecordingTranscript();
    expect(verdict(verifyCase(c, honestBytes, { transcript: verifier }))).toBe('ok');
    expect(verifier.observed.map((o) => o.tag)).toEqual(tags);
    expect(verifier.observed).toEqual(honest.observed);
    expect(verifier.challenges).toEqual(honest.challenges);
    expect(verifier.indices).toEqual(honest.indices);
    expect(verifier.indices.map((i) => i.length > 0)).toEqual([true, true, true]);
  });

  it('knows all its sites', () => {
    expect(sites(c).map((site) => site.name)).toEqual(names);
  });

  it.each(sites(c))(
    'an unobserved message can be forged, an observed one cannot: $name',
    (site) => {
      expect(forgery(c, site, () => new OmittingTranscript(site.observe))).toBe('ok');
      expect(forgery(c, site, () => new RecordingTranscript())).not.toBe('ok');
    },
  );

  it('a nonce decides the challenge after it', () => {
    const nonces = honest.observed.flatMap(({ tag }, i) => (tag === TAG_NONCE ? [i] : []));
    expect(nonces).toHaveLength(tags.filter((tag) => tag === TAG_NONCE).length);
    for (const [n] of nonces.entries()) {
      let seen = 0;
      const tamper: Tamper = { nonce: (nonce) => (seen++ === n ? nonce + 64n : nonce) };
      const changed = new RecordingTranscript();
      proveCase(c, { transcript: changed, tamper });
      const before = changed.observed.findIndex((o, i) => {
        const other = honest.observed[i]?.bytes ?? new Uint8Array();
        return o.bytes.some((byte, at) => byte !== other[at]);
      });
      expect(before).toBe(nonces[n]);
      // Same messages up to the nonce; nothing that was sampled after it is the same.
      const common = changed.challenges.filter((x, i) => x.join() === honest.challenges[i]?.join());
      const later = changed.challenges.length - common.length;
      expect(later).toBeGreaterThan(0);
      expect(changed.challenges.slice(0, common.length)).toEqual(common);
    }
  });
});
