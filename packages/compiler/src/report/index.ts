export {
  quantizeSample,
  Reporter,
  type Accuracy,
  type InputReport,
  type LayerReport,
  type OutputReport,
  type PublicReport,
  type Report,
} from './report.ts';
