/** Writes ONNX files: generated models of the bench, and the tests'. */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import type { DType } from '../graph/types.ts';
import {
  AttributeProto_AttributeType as Type,
  ModelProtoSchema,
  type AttributeProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type TensorShapeProto_DimensionSchema,
  type ValueInfoProtoSchema,
} from './proto/onnx_pb.js';

/** dtype is float32 if not given. */
export interface TensorSpec {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number>;
  readonly dtype?: DType | undefined;
}

export type AttributeSpec =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly string: string }
  | { readonly tensor: TensorSpec };

export interface NodeSpec {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string | undefined;
  readonly domain?: string | undefined;
  readonly attributes?: Readonly<Record<string, AttributeSpec>> | undefined;
}

export interface ModelSpec {
  readonly name?: string | undefined;
  /** Of the default domain. @default 17 */
  readonly opset?: number | undefined;
  /** A string is a symbolic length. */
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly (number | string)[];
    readonly dtype?: DType | undefined;
  }[];
  readonly outputs: readonly string[];
  readonly initializers?: Readonly<Record<string, TensorSpec>> | undefined;
  readonly nodes: readonly NodeSpec[];
}

const codes: Readonly<Record<DType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
};

type TensorInit = MessageInitShape<typeof TensorProtoSchema>;

const tensorInit = (name: string, spec: TensorSpec): TensorInit => {
  const dtype = spec.dtype ?? 'float32';
  const base = { name, dims: spec.dims.map(BigInt), dataType: codes[dtype] };
  const raw = (array: ArrayBufferView): TensorInit => ({
    ...base,
    rawData: new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength),
  });
  switch (dtype) {
    case 'float32':
      return raw(Float32Array.from(spec.data));
    case 'float64':
      return raw(Float64Array.from(spec.data));
    case 'int32':
      return raw(Int32Array.from(spec.data));
    case 'int64':
      return raw(BigInt64Array.from(Array.from(spec.data, BigInt)));
    case 'bool':
      return raw(Uint8Array.from(spec.data));
    case 'float16':
      throw new TypeError('encodeModel: expected another dtype, got float16');
  }
};

const utf8 = new TextEncoder();

const attributeInit = (
  name: string,
  spec: AttributeSpec,
): MessageInitShape<typeof AttributeProtoSchema> => {
  if ('int' in spec) return { name, type: Type.INT, i: BigInt(spec.int) };
  if ('ints' in spec) return { name, type: Type.INTS, ints: spec.ints.map(BigInt) };
  if ('float' in spec) return { name, type: Type.FLOAT, f: spec.float };
  if ('floats' in spec) return { name, type: Type.FLOATS, floats: [...spec.floats] };
  if ('string' in spec) return { name, type: Type.STRING, s: utf8.encode(spec.string) };
  return { name, type: Type.TENSOR, t: tensorInit('', spec.tensor) };
};

const inputInit = (
  spec: ModelSpec['inputs'][number],
): MessageInitShape<typeof ValueInfoProtoSchema> => ({
  name: spec.name,
  type: {
    value: {
      case: 'tensorType',
      value: {
        elemType: codes[spec.dtype ?? 'float32'],
        shape: {
          dim: spec.shape.map(
            (d): MessageInitShape<typeof TensorShapeProto_DimensionSchema> => ({
              value:
                typeof d === 'number'
                  ? { case: 'dimValue', value: BigInt(d) }
                  : { case: 'dimParam', value: d },
            }),
          ),
        },
      },
    },
  },
});

const nodeInit = (node: NodeSpec): MessageInitShape<typeof NodeProtoSchema> => ({
  name: node.name ?? '',
  opType: node.operator,
  domain: node.domain ?? '',
  input: [...node.inputs],
  output: [...node.outputs],
  attribute: Object.entries(node.attributes ?? {}).map(([name, a]) => attributeInit(name, a)),
});

/** Bytes of an ONNX file. Outputs are declared without shapes; weights are raw data. */
export const encodeModel = (spec: ModelSpec): Uint8Array => {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: BigInt(spec.opset ?? 17) }],
    graph: {
      name: spec.name ?? 'graph',
      input: spec.inputs.map(inputInit),
      output: spec.outputs.map((name) => ({ name })),
      initializer: Object.entries(spec.initializers ?? {}).map(([name, t]) => tensorInit(name, t)),
      node: spec.nodes.map(nodeInit),
    },
  });
  return toBinary(ModelProtoSchema, model);
};
