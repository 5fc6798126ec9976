import {
  AttributeProto_AttributeType,
  type AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  TensorProto_DataType,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from '@assay/compiler/onnx/proto';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { Random } from '../random.ts';

type AttributeInit = MessageInitShape<typeof AttributeProtoSchema>;
type NodeInit = MessageInitShape<typeof NodeProtoSchema>;
type TensorInit = MessageInitShape<typeof TensorProtoSchema>;
type ValueInfoInit = MessageInitShape<typeof ValueInfoProtoSchema>;

/** A chain of layers, from one input to one output, with random weights. */
export class ChainBuilder {
  readonly #random: Random;
  readonly #inputShape: readonly number[];
  readonly #nodes: NodeInit[] = [];
  readonly #tensors: TensorInit[] = [];
  #value = 'input';
  #parameters = 0;

  /** @param inputShape - without the batch axis, which is symbolic */
  constructor(inputShape: readonly number[], random: Random) {
    this.#inputShape = inputShape;
    this.#random = random;
  }

  get parameters(): number {
    return this.#parameters;
  }

  /** y = x·Wᵀ + b. */
  gemm(inputs: number, outputs: number): this {
    const weights = this.#heWeights([outputs, inputs], inputs);
    return this.#append('Gemm', [weights, this.#bias(outputs)], { transB: 1 });
  }

  /** 3×3 kernel, one pixel of padding: keeps the size. */
  conv3x3(channels: number, outputs: number): this {
    const weights = this.#heWeights([outputs, channels, 3, 3], 9 * channels);
    return this.#append('Conv', [weights, this.#bias(outputs)], {
      kernel_shape: [3, 3],
      pads: [1, 1, 1, 1],
    });
  }

  relu(): this {
    return this.#append('Relu', [], {});
  }

  maxPool2x2(): this {
    return this.#append('MaxPool', [], { kernel_shape: [2, 2], strides: [2, 2] });
  }

  flatten(): this {
    return this.#append('Flatten', [], {});
  }

  /** The model's bytes (opset 13). @param outputs - length of the output vector */
  build(name: string, outputs: number): Uint8Array {
    const model = create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'assay-bench',
      opsetImport: [{ domain: '', version: 13n }],
      graph: {
        name,
        node: this.#nodes,
        initializer: this.#tensors,
        input: [valueInfo('input', this.#inputShape)],
        output: [valueInfo(this.#value, [outputs])],
      },
    });
    return toBinary(ModelProtoSchema, model);
  }

  /** Normal with variance 2 / fan-in (He et al., "Delving Deep into Rectifiers", 2015, eq. 10). */
  #heWeights(shape: readonly number[], fanIn: number): string {
    const deviation = Math.sqrt(2 / fanIn);
    return this.#tensor(shape, () => deviation * this.#random.normal());
  }

  #bias(length: number): string {
    return this.#tensor([length], () => 0.01 * this.#random.normal());
  }

  #tensor(shape: readonly number[], draw: () => number): string {
    const name = `tensor${this.#tensors.length}`;
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw);
    this.#parameters += values.length;
    this.#tensors.push({
      name,
      dims: shape.map(BigInt),
      dataType: TensorProto_DataType.FLOAT,
      rawData: new Uint8Array(values.buffer),
    });
    return name;
  }

  #append(
    opType: string,
    operands: string[],
    attributes: Record<string, number | readonly number[]>,
  ): this {
    const output = `${opType.toLowerCase()}${this.#nodes.length}`;
    this.#nodes.push({
      opType,
      name: output,
      input: [this.#value, ...operands],
      output: [output],
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    this.#value = output;
    return this;
  }
}

function attribute(name: string, value: number | readonly number[]): AttributeInit {
  return typeof value === 'number'
    ? { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) }
    : { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) };
}

/** Float tensor with a symbolic batch axis in front. */
function valueInfo(name: string, shape: readonly number[]): ValueInfoInit {
  const lengths = shape.map((length) => ({
    value: { case: 'dimValue' as const, value: BigInt(length) },
  }));
  const batch = { value: { case: 'dimParam' as const, value: 'batch' } };
  return {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: { elemType: TensorProto_DataType.FLOAT, shape: { dim: [batch, ...lengths] } },
      },
    },
  };
}
