export {
  countText,
  nodeTable,
  portLines,
  shapeText,
  sizeLines,
  tensorTable,
  workTable,
} from './describe.ts';
export {
  bitsOf,
  nodeSummaries,
  type NodeSummary,
  tensorSummaries,
  type TensorSummary,
} from './nodes.ts';
export {
  layersOf,
  layerTable,
  publicNumberLines,
  publicNumbersOf,
  publicTable,
} from './report.ts';
export { type Sizes, sizesOf, type Work, workOf } from './work.ts';
export { traceLine, traceSummary, traceTable } from './trace.ts';
