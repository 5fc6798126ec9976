export { quantizeSample, reportOn, type Accuracy, type LayerReport, type Report } from './report.ts';
