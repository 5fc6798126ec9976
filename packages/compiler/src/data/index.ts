export {
  decodeSamples,
  detectFormat,
  joinSamples,
  type DataFormat,
  type DecodeOptions,
} from './samples.ts';
export { checkTensor, inputPorts, type InputPort, type Sample } from './port.ts';
export { parseNormalization, unitNormalization, type Normalization } from './normalization.ts';
