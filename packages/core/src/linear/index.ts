export { evaluateValues, padCoefficients } from './graph.ts';
export {
  HidingLedger,
  type PaddedProduct,
  type ResolvedValue,
  type Settlement,
} from './hiding-ledger.ts';
export { type Ledger, PlainLedger } from './ledger.ts';
export { blindPad, type PadShape, padCount, type ProductPads, productPads } from './pads.ts';
export {
  addValues,
  constantValue,
  isKnown,
  padValue,
  scaleValue,
  subValues,
  type Value,
  type ValuePart,
} from './value.ts';
