import { addK, type K, mulK, negK, ONE, ZERO } from '@assay/core/field';
import { HidingLedger, type PadShape, subValues } from '@assay/core/linear';
import { describe, expect, test } from 'vitest';
import { batchChecks } from './products.ts';

const [a, b, theta, rho]: K[] = [
  [3, 1, 4, 1, 5],
  [9, 2, 6, 5, 3],
  [2, 7, 1, 8, 2],
  [1, 6, 1, 8, 0],
] as const satisfies K[];
const at = (k: K | undefined): K => k ?? ZERO;
const NOTHING = { products: [], rho: ZERO, e: [], f: [] };

describe('the batch of all checks', () => {
  test('counts each by its own power of θ', () => {
    const ledger = new HidingLedger({ messages: 2, products: 0, blind: false });
    for (const message of [at(a), at(b)]) ledger.requireZero(ledger.received(message));
    expect(ledger.resolve(batchChecks(ledger, NOTHING, at(theta)))).toEqual({
      constant: addK(at(a), mulK(at(theta), at(b))),
      pads: [negK(ONE), negK(at(theta))],
    });
  });

  test('does not vanish for two errors that cancel', () => {
    const ledger = new HidingLedger({ messages: 2, products: 0, blind: false });
    const [x, y] = [ledger.received(at(a)), ledger.received(at(b))];
    ledger.requireZero(subValues(x, y));
    ledger.requireZero(subValues(y, x));
    const { constant, pads } = ledger.resolve(batchChecks(ledger, NOTHING, at(theta)));
    expect(constant).not.toEqual(ZERO);
    expect(pads).not.toEqual([ZERO, ZERO]);
  });

  test('holds three for each product', () => {
    const shape: PadShape = { messages: 2, products: 1, blind: false };
    const ledger = new HidingLedger(shape);
    const [x, y] = [ledger.received(at(a)), ledger.received(at(b))];
    ledger.product(x, y);
    // x' is in the first, y' in the second, z' in the third.
    const messages = { products: [ONE], rho: at(rho), e: [ZERO], f: [ZERO] };
    const { pads } = ledger.resolve(batchChecks(ledger, messages, at(theta)));
    const square = mulK(at(theta), at(theta));
    expect(pads.slice(2)).toEqual([ONE, at(theta), negK(square), negK(mulK(at(rho), square))]);
  });
});
