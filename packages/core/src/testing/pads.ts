import { addK, type K, mulK, P, subK, ZERO } from '../field/index.ts';
import { evaluateValues, type HidingLedger, type Settlement } from '../linear/index.ts';
import { type PadShape, padCount, productPads } from '../linear/index.ts';

/** `count` pseudorandom elements of K, without zero coordinates. For tests. */
export function seededElements(seed: number, count: number): K[] {
  let state = (seed * 2654435761 + 12345) % 2147483647;
  const next = (): number => {
    state = (state * 48271 + 11) % 2147483647;
    return 1 + (state % (P - 1));
  };
  return Array.from({ length: count }, () => [next(), next(), next(), next(), next()]);
}

/** Pseudorandom pads whose triples are products. For tests. */
export function seededPads(shape: PadShape, seed: number): K[] {
  const pads = seededElements(seed, padCount(shape));
  for (let t = 0; t < shape.products; t++) {
    const { x, y, z } = productPads(shape, t);
    pads[z] = mulK(pads[x] ?? ZERO, pads[y] ?? ZERO);
  }
  return pads;
}

/** What an honest prover sends about the products of its messages. For tests. */
export function honestSettlement(ledger: HidingLedger, pads: readonly K[], rho: K): Settlement {
  const padOf = (index: number): K => pads[index] ?? ZERO;
  const operands = ledger.products.map(({ x, y }, t) => {
    const [a = ZERO, b = ZERO] = evaluateValues([x, y], pads);
    return { a, b, pads: productPads(ledger.shape, t) };
  });
  return {
    rho,
    products: operands.map(({ a, b, pads: p }) => addK(mulK(a, b), padOf(p.product))),
    e: operands.map(({ a, pads: p }) => subK(mulK(rho, a), padOf(p.x))),
    f: operands.map(({ b, pads: p }) => subK(b, padOf(p.y))),
  };
}
