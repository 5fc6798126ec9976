import { seededRandom } from '../random.ts';
import { ChainBuilder } from './onnx.ts';

export interface GeneratedModel {
  readonly bytes: Uint8Array;
  /** Of one input, batch axis included. */
  readonly inputShape: readonly number[];
  readonly parameters: number;
}

/** Fully connected layers with Relu between them. @param sizes - of the input, the layers and the output */
export function generateMlp(name: string, sizes: readonly number[], seed: number): GeneratedModel {
  const [inputs = 0] = sizes;
  const chain = new ChainBuilder([inputs], seededRandom(seed));
  for (const [index, size] of sizes.slice(1).entries()) {
    if (index > 0) chain.relu();
    chain.gemm(sizes[index] ?? 0, size);
  }
  const bytes = chain.build(name, sizes.at(-1) ?? 0);
  return { bytes, inputShape: [1, inputs], parameters: chain.parameters };
}

/** Ten layers on CIFAR-sized images: seven 3×3 convolutions with three poolings, three dense layers. */
export function generateCnn(name: string, seed: number): GeneratedModel {
  const chain = new ChainBuilder([3, 32, 32], seededRandom(seed));
  const blocks = [
    [3, 16, 16],
    [16, 32, 32],
    [32, 64, 64, 64],
  ];
  for (const channels of blocks) {
    for (const [index, outputs] of channels.slice(1).entries()) {
      chain.conv3x3(channels[index] ?? 0, outputs).relu();
    }
    chain.maxPool2x2();
  }
  chain.flatten().gemm(1024, 128).relu().gemm(128, 170).relu().gemm(170, 10);
  return { bytes: chain.build(name, 10), inputShape: [1, 3, 32, 32], parameters: chain.parameters };
}
