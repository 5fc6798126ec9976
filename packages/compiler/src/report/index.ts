export {
  quantizeSample,
  Reporter,
  type Accuracy,
  type LayerReport,
  type OutputReport,
  type Report,
} from './report.ts';
