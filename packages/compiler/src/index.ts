export { compile, type Compiled, type CompileOptions, type Sample } from './compile.ts';
export { compileGraph, type Observations, type QuantizationOptions } from './compile-graph.ts';
export { sourcePort, type SourcePort } from './link/index.ts';
export type { LoweredGraph } from './lowering/lower.ts';
export type {
  Accuracy,
  InputReport,
  LayerReport,
  OutputReport,
  PublicReport,
  Report,
} from './report/index.ts';
