import { SALT_BYTES } from '../merkle/index.ts';
import { BLINDING_COLUMNS } from '../pcs/blinding.ts';
import {
  blindingBytes,
  type CostModel,
  DIGEST_BYTES,
  finalBytes,
  fixedBytes,
  grindingNs,
  K_BYTES,
  keyMs,
  nonceBytes,
  openedBytes,
  oracleWorkMs,
  queryNs,
  WORD_BYTES,
} from './cost.ts';
import { type Demand, demands, fewestAtRate, type Goal, type Radius } from './demands.ts';
import type { FirstOracle } from './first-oracle.ts';
import { MultiproofTable } from './formulas.ts';
import type { OracleSlot } from './schedule.ts';

/** Proof of work where the search begins. */
const GUESS = { foldPowBits: 11, queryPowBits: 13 };

/** What is asked of an oracle, and what that costs. */
export interface OracleChoice extends Omit<Radius, 'delta'> {
  readonly queries: number;
  readonly queryPowBits: number;
  readonly proverMs: number;
  readonly bytes: number;
}

export interface OraclePrice {
  readonly cost: number;
  readonly choice: OracleChoice;
}

interface Trees {
  /** Trees opened for oracle 0, and how many of them have salted leaves. */
  readonly trees: number;
  readonly saltedTrees: number;
}

/** What an oracle's price depends on besides what is asked of it. */
interface Shape {
  readonly folding: number;
  /** Values of the folded polynomial. */
  readonly folded: number;
  readonly logDomain: number;
  readonly rowBytes: number;
  readonly trees: number;
  readonly workMs: number;
  /** Keeping the model's codeword, in ms. */
  readonly storage: number;
  readonly maxQueries: number;
  readonly first: boolean;
}

interface Asked {
  readonly demand: Demand;
  readonly powBits: number;
}

/**
 * Ties are common: 4·2^9 + 2^10 = 4·2^8 + 2^11. Less work in the fold rounds goes first, then less
 * before the queries. Nothing is as good as nothing below the limit.
 */
function precedes(a: Asked, b: Asked | null): boolean {
  if (b === null) return false;
  const [own, other] = [a.demand.radius.foldPowBits, b.demand.radius.foldPowBits];
  return own < other || (own === other && a.powBits < b.powBits);
}

/** Those about the guess first: what they cost ends the search among the others early. */
function fromGuess(demands: readonly Demand[]): readonly Demand[] {
  const from = demands.findIndex(({ radius }) => radius.foldPowBits >= GUESS.foldPowBits);
  return from < 0 ? demands : [...demands.slice(from), ...demands.slice(0, from).reverse()];
}

/** The price of an oracle: proving time plus proof bytes, in ms. */
export class OraclePrices {
  readonly #goal: Goal;
  readonly #model: CostModel;
  readonly #trees: Trees;
  readonly #demands: (slot: OracleSlot) => readonly Demand[];
  readonly #multiproofs = new MultiproofTable();
  /** Grinding by bits. */
  readonly #grindingNs: readonly number[];

  constructor(goal: Goal, model: CostModel, trees: Trees) {
    this.#goal = goal;
    this.#model = model;
    this.#trees = trees;
    this.#demands = demands(goal);
    this.#grindingNs = Array.from({ length: goal.maxPowBits + 1 }, (_, bits) =>
      grindingNs(bits, model),
    );
  }

  /** Of sending 2^variables coefficients. */
  final(variables: number): number {
    return this.#weigh(0, finalBytes(variables));
  }

  /** A lower bound for an oracle that is not the first. */
  atLeast(slot: OracleSlot): number {
    const { workMs, logDomain, rowBytes, trees } = this.#shapeOf(slot, null);
    const queries = fewestAtRate(slot.logInverseRate, this.#goal);
    return this.#weigh(workMs, this.#openedBytes(queries, logDomain, rowBytes, trees));
  }

  /**
   * The cheapest of what can be asked of an oracle, or null where nothing below `limit` is strong
   * enough.
   *
   * For one radius the price is grinding before the queries, which grows with its bits, plus what the
   * queries cost, which falls as they become fewer. So from a guess on both directions end early.
   *
   * @param oracle0 - What oracle 0 holds; null for the others.
   */
  price(slot: OracleSlot, oracle0: FirstOracle | null, limit: number): OraclePrice | null {
    const { maxPowBits } = this.#goal;
    const shape = this.#shapeOf(slot, oracle0);
    // A further leaf is a further row, and spares one sibling in each tree at most.
    const falls = shape.rowBytes >= shape.trees * DIGEST_BYTES;
    const found: { least: number; best: Asked | null } = { least: limit, best: null };
    const consider = (asked: Asked): void => {
      const cost = this.#cost(shape, asked.demand, asked.powBits, true);
      if (cost < found.least || (cost === found.least && precedes(asked, found.best))) {
        found.least = cost;
        found.best = asked;
      }
    };
    for (const demand of fromGuess(this.#demands(slot))) {
      const queriesOnly = falls ? this.#cost(shape, demand, maxPowBits, false) : shape.workMs;
      if (queriesOnly > found.least) continue;
      const from = found.best?.powBits ?? Math.min(GUESS.queryPowBits, maxPowBits);
      for (let powBits = from; powBits <= maxPowBits; powBits++) {
        if (queriesOnly + this.#grindingMs(powBits) > found.least) break;
        consider({ demand, powBits });
      }
      for (let powBits = from - 1; powBits >= 0; powBits--) {
        if (falls && this.#cost(shape, demand, powBits, false) > found.least) break;
        consider({ demand, powBits });
      }
    }
    const { least, best } = found;
    if (best === null) return null;
    return { cost: least, choice: this.#choice(shape, best.demand, best.powBits) };
  }

  #shapeOf({ variables, logInverseRate, folding }: OracleSlot, oracle0: FirstOracle | null): Shape {
    const logDomain = variables - folding + logInverseRate;
    const model = this.#model;
    const shape = { variables, folding, logDomain };
    const common = { folding, logDomain, folded: 2 ** (variables - folding) };
    if (oracle0 === null) {
      return {
        ...common,
        rowBytes: K_BYTES * 2 ** folding,
        trees: 1,
        workMs: oracleWorkMs(shape, null, model),
        storage: 0,
        maxQueries: Number.POSITIVE_INFINITY,
        first: false,
      };
    }
    const { columns, maxQueries } = oracle0;
    const { trees, saltedTrees } = this.#trees;
    const [words, saltBytes] = this.#goal.hiding ? [BLINDING_COLUMNS, SALT_BYTES] : [0, 0];
    return {
      ...common,
      rowBytes: WORD_BYTES * (columns.model + columns.witness + words) + saltBytes * saltedTrees,
      trees,
      workMs: oracleWorkMs(shape, columns, model, { words, saltBytes }),
      storage: keyMs(columns, logDomain, model),
      maxQueries,
      first: true,
    };
  }

  #grindingMs(bits: number): number {
    return (this.#grindingNs[bits] ?? 0) / this.#model.threads / 1e6;
  }

  /** Price with so many bits before the queries; the grinding itself only if `grind`. */
  #cost(shape: Shape, demand: Demand, powBits: number, grind: boolean): number {
    const queries = demand.queries(powBits);
    if (queries === null || queries > shape.maxQueries) return Number.POSITIVE_INFINITY;
    const proverMs = this.#proverMs(shape, demand.radius, queries, grind ? powBits : 0);
    const bytes = this.#bytes(shape, demand.radius, queries, grind ? powBits : 0);
    return this.#weigh(proverMs, bytes) + shape.storage;
  }

  #choice(shape: Shape, demand: Demand, queryPowBits: number): OracleChoice {
    const { delta: _, ...enough } = demand.radius;
    const queries = demand.queries(queryPowBits) ?? 0;
    return {
      ...enough,
      queries,
      queryPowBits,
      proverMs: this.#proverMs(shape, demand.radius, queries, queryPowBits),
      bytes: this.#bytes(shape, demand.radius, queries, queryPowBits),
    };
  }

  #proverMs(shape: Shape, radius: Radius, queries: number, queryPowBits: number): number {
    const ns =
      shape.folding * (this.#grindingNs[radius.foldPowBits] ?? 0) +
      (this.#grindingNs[queryPowBits] ?? 0) +
      (this.#grindingNs[radius.blindingPowBits] ?? 0) +
      queryNs(queries, shape.folded, this.#model);
    return shape.workMs + ns / this.#model.threads / 1e6;
  }

  #bytes(shape: Shape, radius: Radius, queries: number, queryPowBits: number): number {
    const { folding, logDomain, rowBytes, trees, first } = shape;
    const { foldPowBits, blindingPowBits, oodSamples } = radius;
    return (
      this.#openedBytes(queries, logDomain, rowBytes, trees) +
      fixedBytes(folding, oodSamples, !first) +
      nonceBytes(folding, foldPowBits, queryPowBits) +
      (first && this.#goal.hiding ? blindingBytes(blindingPowBits) : 0)
    );
  }

  #openedBytes(queries: number, logDomain: number, rowBytes: number, trees: number): number {
    const leaves = this.#multiproofs.leaves(queries, logDomain);
    const siblings = this.#multiproofs.siblings(queries, logDomain);
    return openedBytes(leaves, siblings, rowBytes, trees);
  }

  #weigh(proverMs: number, bytes: number): number {
    return proverMs + (bytes / 1024) * this.#model.msPerKiB;
  }
}
