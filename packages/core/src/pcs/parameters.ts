import { err, ok, type Result } from '../errors.ts';
import { TWO_ADICITY } from '../field/index.ts';

/**
 * One WHIR run over n = foldings[0] + logRows variables. Oracle i encodes m_i variables
 * (m_0 = n, m_{i+1} = m_i − k_i) as 2^k_i columns of 2^(m_i − k_i) coefficients at rate 2^−mu_i.
 * Derived by `security`, absorbed with the statement; never chosen by a proof.
 */
export interface WhirParameters {
  /** log2 M, M = length of the committed columns. */
  readonly logRows: number;
  /** Highest used column + 1; the other of the 2^k_0 virtual columns are zero. */
  readonly columns: number;
  /** k_0 .. k_R: variables bound between oracle i and the next one. */
  readonly foldings: readonly number[];
  /** mu_0 .. mu_R. */
  readonly logInverseRates: readonly number[];
  /** t_0 .. t_R: indices sampled, with replacement. */
  readonly queries: readonly number[];
  /** s_0 .. s_R. The caller answers the s_0 samples right after the last root. */
  readonly oodSamples: readonly number[];
  /** Proof of work before each fold challenge of oracle i. */
  readonly foldPowBits: readonly number[];
  /** Proof of work before the indices of oracle i. */
  readonly queryPowBits: readonly number[];
  /** The blinded opening (`blinding.ts`); null: the plain one, which hides nothing. */
  readonly blinding: BlindingParameters | null;
}

export interface BlindingParameters {
  /** Proof of work before ρ, which blinds the folded polynomial. */
  readonly powBits: number;
}

export interface WhirParametersError {
  readonly kind: 'whir/parameters';
  readonly field: keyof WhirParameters | 'finalVariables' | 'logDomain' | 'maskRows';
  /** Oracle number, or −1 where the field is not one per oracle. */
  readonly oracle: number;
  readonly value: number;
}

/** Bounds on untrusted parameters: they bound the verifier's work and memory. */
export const WHIR_LIMITS: {
  readonly firstFolding: number;
  readonly folding: number;
  readonly oracles: number;
  readonly logInverseRate: number;
  readonly queries: number;
  readonly oodSamples: number;
  readonly powBits: number;
  readonly finalVariables: number;
} = {
  firstFolding: 12,
  folding: 8,
  oracles: 16,
  logInverseRate: 20,
  queries: 1024,
  oodSamples: 8,
  powBits: 30,
  finalVariables: 8,
};

export interface OracleShape {
  /** m_i. */
  readonly variables: number;
  /** k_i. */
  readonly folding: number;
  readonly logInverseRate: number;
  /** log2 of the number of leaves: m_i − k_i + mu_i. */
  readonly logDomain: number;
  readonly queries: number;
  readonly oodSamples: number;
  readonly foldPowBits: number;
  readonly queryPowBits: number;
}

/** The per-oracle view of parameters that passed `validateWhirParameters`. */
export function oracleShapes(p: WhirParameters): OracleShape[] {
  let variables = totalVariables(p);
  return p.foldings.map((folding, i) => {
    const logInverseRate = p.logInverseRates[i] ?? 0;
    const shape: OracleShape = {
      variables,
      folding,
      logInverseRate,
      logDomain: variables - folding + logInverseRate,
      queries: p.queries[i] ?? 0,
      oodSamples: p.oodSamples[i] ?? 0,
      foldPowBits: p.foldPowBits[i] ?? 0,
      queryPowBits: p.queryPowBits[i] ?? 0,
    };
    variables -= folding;
    return shape;
  });
}

/** n = k_0 + log2 M. */
export function totalVariables(p: WhirParameters): number {
  return (p.foldings[0] ?? 0) + p.logRows;
}

/** m_F = n − Σ k_i: the final polynomial has 2^m_F coefficients. */
export function finalVariables(p: WhirParameters): number {
  return p.foldings.reduce((rest, k) => rest - k, totalVariables(p));
}

function within(value: number | undefined, low: number, high: number): boolean {
  return value !== undefined && Number.isInteger(value) && value >= low && value <= high;
}

/**
 * Structural validity only; how many bits they are worth is `securityBudget`'s matter.
 * Total: any numbers in, a verdict out.
 * Rejects: 'whir/parameters'.
 */
export function validateWhirParameters(p: WhirParameters): Result<null, WhirParametersError> {
  const bad = (
    field: WhirParametersError['field'],
    oracle: number,
    value: number | undefined,
  ): Result<null, WhirParametersError> =>
    err({ kind: 'whir/parameters', field, oracle, value: value ?? Number.NaN });

  const oracles = p.foldings.length;
  if (!within(oracles, 1, WHIR_LIMITS.oracles)) return bad('foldings', -1, oracles);
  const perOracle = [
    ['logInverseRates', p.logInverseRates, 1, WHIR_LIMITS.logInverseRate],
    ['queries', p.queries, 1, WHIR_LIMITS.queries],
    ['oodSamples', p.oodSamples, 1, WHIR_LIMITS.oodSamples],
    ['foldPowBits', p.foldPowBits, 0, WHIR_LIMITS.powBits],
    ['queryPowBits', p.queryPowBits, 0, WHIR_LIMITS.powBits],
  ] as const;
  for (const [field, values, low, high] of perOracle) {
    if (values.length !== oracles) return bad(field, -1, values.length);
    for (const [i, value] of values.entries()) {
      if (!within(value, low, high)) return bad(field, i, value);
    }
  }
  for (const [i, k] of p.foldings.entries()) {
    const most = i === 0 ? WHIR_LIMITS.firstFolding : WHIR_LIMITS.folding;
    if (!within(k, 1, most)) return bad('foldings', i, k);
  }
  if (!within(p.logRows, 0, TWO_ADICITY)) return bad('logRows', -1, p.logRows);
  if (!within(p.columns, 1, 2 ** (p.foldings[0] ?? 0))) return bad('columns', -1, p.columns);
  const final = finalVariables(p);
  if (!within(final, 0, WHIR_LIMITS.finalVariables)) return bad('finalVariables', -1, final);
  if (p.blinding !== null) {
    if (!within(p.blinding.powBits, 0, WHIR_LIMITS.powBits)) {
      return bad('blinding', -1, p.blinding.powBits);
    }
    const maskRows = 3 * (p.foldings[0] ?? 0);
    if (maskRows > 2 ** p.logRows) return bad('maskRows', 0, maskRows);
  }
  let previous: OracleShape | undefined;
  for (const [i, shape] of oracleShapes(p).entries()) {
    if (shape.logDomain > TWO_ADICITY) return bad('logDomain', i, shape.logDomain);
    const low = previous?.logInverseRate ?? shape.logInverseRate;
    const high = low + (previous?.folding ?? 0);
    if (!within(shape.logInverseRate, low, high)) {
      return bad('logInverseRates', i, shape.logInverseRate);
    }
    previous = shape;
  }
  return ok(null);
}
