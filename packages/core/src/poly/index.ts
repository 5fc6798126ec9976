export { boxEq, eqIndex, eqPoint, eqTable, rangeIndexSum, rangeSum } from './eq.ts';
export {
  evaluateIntegerMle,
  evaluateMle,
  evaluateUnivariate,
  evaluateUnivariateAtBase,
  innerProduct,
  powerMle,
  powerMleAtBase,
} from './evaluate.ts';
