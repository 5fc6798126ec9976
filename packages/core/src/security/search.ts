import { TWO_ADICITY } from '../field/index.ts';
import {
  bitsPerQuery,
  expectedMultiproof,
  FIELD_BITS,
  foldBits,
  johnson,
  leafPermutations,
  MAX_PROXIMITY_PARAMETER,
  uniqueDecodingRadius,
} from './formulas.ts';
import { type Schedule, ScheduleSearch } from './schedule.ts';

/** Proof of work given, smallest proof wanted, one tree: the search behind the golden rows. */
export interface SmallestProofOptions {
  readonly variables: number;
  readonly logInverseRate: number;
  readonly targetBits: number;
  readonly queryPowBits: number;
  readonly maxFoldPowBits: number;
  /** Oracle 1 has at most 2^logSecondOracle times the words of oracle 0. */
  readonly logSecondOracle: number;
  /** Columns in use of the 2^k_0, when fewer. */
  readonly firstColumns?: number | undefined;
}

export interface OracleRow {
  readonly queries: number;
  readonly proximityParameter: number;
  readonly foldPowBits: number;
  readonly oodSamples: number;
  readonly logList: number;
  readonly logDomain: number;
  readonly bytes: number;
  readonly permutations: number;
}

const FIRST_FOLDINGS = [4, 5, 6, 7];
const K_BYTES = 20;
const DIGEST_BYTES = 32;
const NONCE_BYTES = 8;
const MAX_OOD_SAMPLES = 7;
/** Claims assumed in one batch. */
const BATCHED_CLAIMS = 300;
const ROUNDING = 1e-9;

/** m with the fewest queries for the whole target among those whose fold rounds can be ground up to it. */
function chooseProximity(
  variables: number,
  logInverseRate: number,
  o: SmallestProofOptions,
): { m: number; foldPowBits: number } | null {
  let best: { m: number; foldPowBits: number; queries: number } | null = null;
  for (let m = 1; m <= MAX_PROXIMITY_PARAMETER; m++) {
    const { delta } = johnson(variables, logInverseRate, m);
    if (delta <= uniqueDecodingRadius(logInverseRate)) continue;
    const missing = o.targetBits - foldBits(variables, logInverseRate, m);
    const foldPowBits = Math.max(0, Math.ceil(missing - ROUNDING));
    if (foldPowBits > o.maxFoldPowBits) continue;
    const queries = Math.ceil(o.targetBits / bitsPerQuery(delta));
    if (best === null || queries < best.queries) best = { m, foldPowBits, queries };
  }
  return best;
}

/** Smallest s with s·(log2|K| + 1 − variables) − 2·log2 ℓ >= target. */
function chooseSamples(variables: number, logList: number, targetBits: number): number | null {
  for (let s = 1; s <= MAX_OOD_SAMPLES; s++) {
    if (s * (FIELD_BITS + 1 - variables) - 2 * logList >= targetBits) return s;
  }
  return null;
}

/**
 * Smallest proof over the folding schedules for one tree. Counts expected multiproof bytes; proof of
 * work is given, not searched (that is `deriveParameters`).
 * Source: a port of `vectors/security/whir_search.py`, equal to it row by row.
 * Returns null where nothing reaches the target.
 */
export function searchSmallestProof(o: SmallestProofOptions): Schedule<OracleRow> | null {
  const search = new ScheduleSearch<OracleRow>({
    maxFolding: 6,
    maxFinal: 6,
    twoAdicity: TWO_ADICITY,
    maxLogInverseRate: Number.POSITIVE_INFINITY,
    finalPrice: (variables) => K_BYTES * 2 ** variables,
    atLeast: () => 0,
    allowSecond: (variables, mu) =>
      variables + mu + Math.log2(5) <= o.variables + o.logInverseRate + o.logSecondOracle,
    price: ({ first, variables, logInverseRate, folding }) => {
      const chosen = chooseProximity(variables, logInverseRate, o);
      if (chosen === null) return null;
      const { m, foldPowBits } = chosen;
      const { delta, logList } = johnson(variables, logInverseRate, m);
      const queries = Math.ceil((o.targetBits - o.queryPowBits) / bitsPerQuery(delta) - ROUNDING);
      const oodSamples = chooseSamples(variables, logList, o.targetBits);
      if (oodSamples === null) return null;
      const batchBits = FIELD_BITS - (Math.log2(BATCHED_CLAIMS) + logList);
      if (batchBits + o.queryPowBits < o.targetBits) return null;
      const logDomain = variables + logInverseRate - folding;
      const columns = first ? (o.firstColumns ?? 2 ** folding) : 2 ** folding;
      const rowBytes = columns * (first ? 4 : K_BYTES);
      const opened = expectedMultiproof(Math.min(queries, 2 ** logDomain), logDomain);
      const bytes =
        opened.leaves * rowBytes +
        opened.siblings * DIGEST_BYTES +
        2 * K_BYTES * folding +
        (first ? 0 : DIGEST_BYTES) +
        oodSamples * K_BYTES +
        NONCE_BYTES +
        (foldPowBits > 0 ? NONCE_BYTES * folding : 0);
      const permutations = opened.leaves * leafPermutations(rowBytes) + opened.nodes;
      const choice: OracleRow = {
        queries,
        proximityParameter: m,
        foldPowBits,
        oodSamples,
        logList,
        logDomain,
        bytes,
        permutations,
      };
      return { cost: bytes, choice };
    },
  });
  let best: Schedule<OracleRow> | null = null;
  for (const k of FIRST_FOLDINGS) {
    if (o.variables + o.logInverseRate - k > TWO_ADICITY) continue;
    const found = search.best(o.variables, o.logInverseRate, k);
    if (found !== null && (best === null || found.cost < best.cost)) best = found;
  }
  return best;
}
