import type { Engine, KVec } from '../engine/index.ts';
import { addK, type K, mulK, ONE, subK, ZERO } from '../field/index.ts';
import { evaluateMle } from '../poly/index.ts';
import { inClear, type Sender } from '../sender/index.ts';
import { TAG_LOGUP_LAYER, TAG_LOGUP_TOP, TAG_ROUND, type Transcript } from '../transcript/index.ts';
import { type LogupStart, startVariables } from './proof.ts';

interface Claim {
  readonly point: K[];
  readonly numerator: K;
  readonly denominator: K;
}

/** The fractions of one layer of the tree. */
interface Layer {
  readonly n: KVec;
  readonly d: KVec;
  /** Top of the engine's stack when the layer had been allocated. */
  readonly mark: number;
}

const interpolate = (a: K, b: K, x: K): K => addK(a, mulK(x, subK(b, a)));

/** The leaves' layer first, then each parent layer, up to 2^top fractions. */
function buildLayers(engine: Engine, n: KVec, d: KVec, top: number): Layer[] {
  let child: Layer = { n, d, mark: engine.mark() };
  const layers = [child];
  while (child.n.length > 2 ** top) {
    const half: number = child.n.length / 2;
    const parent = { n: engine.allocK(half), d: engine.allocK(half) };
    engine.fractionLayer(child.n, child.d, parent.n, parent.d);
    child = { ...parent, mark: engine.mark() };
    layers.push(child);
  }
  return layers;
}

function proveTop(
  engine: Engine,
  transcript: Transcript,
  sender: Sender,
  { n, d }: Layer,
  start: LogupStart,
): Claim {
  const numerators = engine.readAllK(n);
  const denominators = engine.readAllK(d);
  // the root's numerator is known to be zero
  const message = start === 'root' ? denominators : [...numerators, ...denominators];
  sender.send(TAG_LOGUP_TOP, message, inClear);
  const point = Array.from({ length: Math.log2(n.length) }, () => transcript.sampleK());
  return {
    point,
    numerator: evaluateMle(numerators, point),
    denominator: evaluateMle(denominators, point),
  };
}

/** The claim about a layer becomes one about its children. */
function proveLayer(
  engine: Engine,
  transcript: Transcript,
  sender: Sender,
  child: Layer,
  rho: readonly K[],
): Claim {
  const lambda = transcript.sampleK();
  const half = child.n.length / 2;
  let n0 = engine.allocK(half);
  let n1 = engine.allocK(half);
  let d0 = engine.allocK(half);
  let d1 = engine.allocK(half);
  engine.deinterleave(child.n, n0, n1);
  engine.deinterleave(child.d, d0, d1);
  // n0·d1 + n1·d0 + λ·d0·d1 = n0·d1 + (n1 + λ·d1)·d0: one product less in every round
  engine.axpy(lambda, d1, n1);
  const eqSpace = engine.allocK(Math.max(1, half / 2));

  const next: K[] = [];
  for (const [round] of rho.entries()) {
    // eq over the variables after this one; the factors of the earlier ones are in the claim
    const rest = rho.slice(round + 1);
    const eq = engine.slice(eqSpace, 0, 2 ** rest.length);
    engine.eqTable(rest, ONE, eq);
    const message = engine.fractionRound(eq, n0, n1, d0, d1, ZERO);
    sender.send(TAG_ROUND, message);
    const r = transcript.sampleK();
    next.push(r);
    n0 = engine.bind(n0, r);
    n1 = engine.bind(n1, r);
    d0 = engine.bind(d0, r);
    d1 = engine.bind(d1, r);
  }

  const a = engine.readK(n0, 0);
  const c = engine.readK(d0, 0);
  const d = engine.readK(d1, 0);
  const b = subK(engine.readK(n1, 0), mulK(lambda, d));
  sender.send(TAG_LOGUP_LAYER, [a, b, c, d]);
  const delta = transcript.sampleK();
  return {
    point: [...next, delta],
    numerator: interpolate(a, b, delta),
    denominator: interpolate(c, d, delta),
  };
}

/**
 * Proves Σ n_i/d_i = 0 with all d_i ≠ 0 (`verifyLogup` has the equations). Nothing is checked: a false
 * statement gives a proof that does not verify.
 *
 * Memory: beyond n and d, which are only read, as much again for the tree; at the last layer the tree
 * is gone and n and d are copied in halves.
 *
 * @param sender - Observes on the same transcript.
 * @param n - Numerators, 2^L.
 * @param d - Denominators, 2^L.
 * @param start - From the root, nothing but D_root goes out in clear.
 * @returns Point of L coordinates, evaluations of n and d there.
 * @throws {RangeError} on lengths that differ or are no power of two.
 */
export function proveLogup(
  engine: Engine,
  transcript: Transcript,
  sender: Sender,
  n: KVec,
  d: KVec,
  start: LogupStart,
): { point: K[]; numerator: K; denominator: K } {
  const variables = Math.log2(n.length);
  if (!Number.isInteger(variables) || d.length !== n.length) {
    throw new RangeError(
      `proveLogup: expected equal powers of two, got lengths ${n.length},${d.length}`,
    );
  }
  const mark = engine.mark();
  const top = startVariables(start, variables);
  const [topLayer, ...children] = buildLayers(engine, n, d, top).reverse();
  if (topLayer === undefined) throw new RangeError('proveLogup: expected a layer, got none');
  let claim = proveTop(engine, transcript, sender, topLayer, start);
  for (const child of children) {
    engine.release(child.mark); // the layers above are done
    claim = proveLayer(engine, transcript, sender, child, claim.point);
  }
  engine.release(mark);
  return claim;
}
