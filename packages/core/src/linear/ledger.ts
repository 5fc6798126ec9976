import { isZeroK, type K } from '../field/index.ts';
import { constantValue, isKnown, scaleValue, type Value } from './value.ts';

/** Where a verifier's messages become values, and where its checks on values go. */
export interface Ledger {
  /** A received message as a value: in the hiding profile the message minus its pad. */
  received(k: K): Value;
  /** x·y. In the hiding profile this spends a committed triple when both have pads. */
  product(x: Value, y: Value): Value;
  /** Demands v = 0. False: it is known not to vanish. True in the hiding profile: noted, decided by the opening. */
  requireZero(v: Value): boolean;
}

/** The plain profile: every value is known, every check is decided at once. */
export class PlainLedger implements Ledger {
  received(k: K): Value {
    return constantValue(k);
  }

  /** @throws {TypeError} if both operands have pads, which no value of this ledger has. */
  product(x: Value, y: Value): Value {
    if (isKnown(y)) return scaleValue(x, y.constant);
    if (isKnown(x)) return scaleValue(y, x.constant);
    throw new TypeError('PlainLedger.product: expected a known operand, got two with pads');
  }

  requireZero(v: Value): boolean {
    return isKnown(v) && isZeroK(v.constant);
  }
}
