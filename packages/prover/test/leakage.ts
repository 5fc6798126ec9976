import type { Engine } from '@assay/core/engine';
import { type K, ONE, ZERO } from '@assay/core/field';
import { blindPad } from '@assay/core/linear';
import { seededRandomness } from '@assay/core/testing';
import { padTensor, type TensorId, type Trace } from '@assay/program';
import {
  along,
  clampTo,
  fill,
  form,
  product,
  ProgramBuilder,
  seededDraw,
  term,
  type Toy,
} from '@assay/runtime/testing';
import { type Statement, verifyPrepared } from '@assay/verifier';
import type { ProvingKey } from '../src/index.ts';
import { proveWith } from '../src/testing/index.ts';
import { padCells } from '../src/witness/pads.ts';
import type { Secrets } from '../src/witness/secrets.ts';
import { forge } from './forger.ts';
import { claimedRun, type Told } from './liar.ts';
import { type Part, partsOf } from './parts.ts';
import { type Chosen, recorded, steered } from './steered.ts';
import { isPlain, type KeyOptions, PLAIN, proveToy, toyKey } from './toy-key.ts';

/** A secret of a few bits, s = x², y = 1 if x > most/2: what is public is one bit of x, or nothing. */
export function secretToy(most: number): Toy & { readonly input: TensorId } {
  const b = new ProgramBuilder('secret');
  b.node('half', 'Test');
  const x = b.input('x', [1], { lo: 0, hi: most });
  const w = b.model('w', [1], { lo: 1, hi: 2 });
  const s = b.witness('s', [1]);
  b.define(s, form([]), [product(b.wholeForm(x), b.wholeForm(x))]);
  b.rescale({
    dims: [1],
    products: [product(form([term(x, [along(0)])]), form([term(w, [along(0)])]))],
    shift: Math.log2(most + 1) - 1,
    accumulator: { lo: 0, hi: 2 * most },
    activation: clampTo(0, 1),
    output: b.output('y', [1], { lo: 0, hi: 1 }),
  });
  return { ...fill(b.build(), seededDraw(1)), input: x };
}

export type Less = (secrets: Secrets, key: ProvingKey, engine: Engine) => Secrets;

/** The secrets with other pads, committed as they are used. */
export function withPads(
  secrets: Secrets,
  { argument }: ProvingKey,
  change: (pad: K, index: number) => K,
): Secrets {
  const { system, pads: shape } = argument;
  const pads = secrets.pads.map(change);
  return {
    ...secrets,
    pads,
    blind: secrets.blind === null ? null : (pads[blindPad(shape)] ?? null),
    values: new Map([[padTensor(system.program), padCells(pads)]]),
  };
}

const padsOfMessages: Less = (secrets, key) =>
  withPads(secrets, key, (pad, i) => (i < key.argument.pads.messages ? ZERO : pad));
const padsOfProducts: Less = (secrets, key) => {
  const { messages, products } = key.argument.pads;
  return withPads(secrets, key, (pad, i) =>
    i >= messages && i < messages + 4 * products ? ZERO : pad,
  );
};
const blindFraction: Less = (secrets, key) =>
  withPads(secrets, key, (pad, i) => (i === blindPad(key.argument.pads) ? ONE : pad));
const tails: Less = (secrets) => ({ ...secrets, tails: new Int32Array(secrets.tails.length) });
const salts: Less = (secrets) => ({ ...secrets, salts: new Uint8Array(secrets.salts.length) });
const blinding: Less = (secrets, _key, engine) => {
  for (const column of secrets.blinding) engine.ints(column).fill(0);
  return secrets;
};

/** What hides, one thing left out at a time. */
export const WITHOUT = {
  'pads of messages': padsOfMessages,
  'triples and pads of products': padsOfProducts,
  'the blind fraction': blindFraction,
  tails,
  salts,
  R: blinding,
} satisfies Record<string, Less>;

export const WITHOUT_ANYTHING: Less = (secrets, key, engine) =>
  Object.values(WITHOUT).reduce((left, less) => less(left, key, engine), secrets);

/** Proofs about secrets of a few bits, under one key. */
export class Exhibit {
  readonly key: ProvingKey;
  readonly #engine: Engine;
  readonly #toy: ReturnType<typeof secretToy>;
  readonly #hides: boolean;
  readonly #traces = new Map<number, Trace>();

  constructor(engine: Engine, most: number, options: KeyOptions, weight = 1) {
    this.#engine = engine;
    const toy = secretToy(most);
    const weights = new Map([...toy.weights.keys()].map((id) => [id, Int32Array.of(weight)]));
    this.#toy = { ...toy, weights };
    this.#hides = !isPlain(options.profile ?? PLAIN);
    this.key = toyKey(engine, toy.program, weights, options);
  }

  #trace(x: number): Trace {
    const known = this.#traces.get(x);
    if (known !== undefined) return known;
    const inputs = new Map([[this.#toy.input, Int32Array.of(x)]]);
    const { trace } = proveToy(this.#engine, this.key, { ...this.#toy, inputs });
    this.#traces.set(x, trace);
    return trace;
  }

  /** Statement and witness of a secret; committed ports are committed anew for each seed. */
  run(x: number, seed: number): Told {
    // Ports take seeds from there on.
    return claimedRun(this.#engine, this.key, this.#trace(x), 16 * seed);
  }

  /** The prover's own proof of a secret. */
  prove(x: number, seed: number, queue: readonly Chosen[] = []): Proof {
    const mark = this.#engine.mark();
    const { statement, witness } = this.run(x, seed);
    const bytes = steered({ queue }, () =>
      proveWith(this.#engine, this.key, statement, witness, seededRandomness(seed)),
    );
    this.#engine.release(mark);
    return { statement, bytes };
  }

  /** A proof that hides less, if this profile hides anything. */
  expose(x: number, seed: number, less: Less, queue: readonly Chosen[] = []): Proof {
    const mark = this.#engine.mark();
    const { statement, witness } = this.run(x, seed);
    const forgery = {
      secrets: (secrets: Secrets) => less(secrets, this.key, this.#engine),
      randomness: seededRandomness(seed),
    };
    // The forger replays what it has said: then it takes the same challenges again.
    const again = this.#hides ? [...queue, ...queue] : queue;
    const bytes = steered({ queue: again }, () =>
      forge(this.#engine, this.key, statement, witness, forgery),
    );
    this.#engine.release(mark);
    return { statement, bytes };
  }

  accepts({ statement, bytes }: Proof, queue: readonly Chosen[] = []): boolean {
    return steered({ queue }, () => verifyPrepared(this.key.argument, statement, bytes)).ok;
  }

  /** The challenges that a verifier samples for a proof. */
  challenges({ statement, bytes }: Proof): Chosen {
    return recorded(() => verifyPrepared(this.key.argument, statement, bytes));
  }

  /** Parts that could say something of what is hidden. */
  parts({ indices }: Pick<Chosen, 'indices'>): Part[] {
    const hidden = this.key.argument.key.visibility.weights.kind === 'hidden';
    const isPublic = ({ kind, name }: Part): boolean =>
      kind === 'fixed' || kind === 'public element' || (!hidden && name.endsWith('of the model'));
    return partsOf(this.key.argument, indices).filter((part) => !isPublic(part));
  }
}

export interface Proof {
  readonly statement: Statement;
  readonly bytes: Uint8Array;
}

/** Words that are equal in two proofs of one length, in these parts. */
export function equalWords(a: Uint32Array, b: Uint32Array, parts: readonly Part[]): number {
  let equal = 0;
  for (const { at, words } of parts)
    for (let i = at; i < at + words; i++) if (a[i] === b[i]) equal++;
  return equal;
}

/**
 * A dictionary: for each candidate what a prover would send that hides nothing, for the challenges of
 * a given proof. Suspects are those whose words occur in the proof more often than others' do.
 */
export class Dictionary {
  readonly #entries: readonly Uint32Array[];

  constructor(entries: readonly Uint32Array[]) {
    this.#entries = entries;
  }

  suspects(words: Uint32Array, parts: readonly Part[]): number[] {
    const scores = this.#entries.map((entry) => equalWords(entry, words, parts));
    const [most, least] = [Math.max(...scores), Math.min(...scores)];
    return most === least ? [] : scores.flatMap((score, x) => (score === most ? [x] : []));
  }
}
