export { type Ledger, PlainLedger } from './ledger.ts';
export {
  addValues,
  constantValue,
  type PadTerm,
  padValue,
  scaleValue,
  subValues,
  type Value,
} from './value.ts';
