/** The model's inputs: element types and shapes, with symbolic lengths bound. */
import type { GraphValue } from '../graph/types.ts';
import { NodeProblem } from './errors.ts';
import type {
  GraphProto,
  ModelProto,
  TensorShapeProto_Dimension,
  ValueInfoProto,
} from './proto/onnx_pb.js';
import { dtypeName, dtypeOf } from './tensor.ts';

/** Lengths for axes that the model leaves open: by symbolic name, or by `input:axis` for unnamed ones. */
export type Dimensions = Readonly<Record<string, number>>;

/** A symbolic length; the first axis of an input is the batch, 1 unless bound otherwise. */
const bind = (
  input: string,
  axis: number,
  dimension: TensorShapeProto_Dimension,
  dimensions: ReadonlyMap<string, number>,
  batchNames: ReadonlySet<string>,
): number | string => {
  const { value } = dimension;
  if (value.case === 'dimValue' && value.value > 0n) return Number(value.value);
  const symbol = value.case === 'dimParam' ? value.value : '';
  const bound =
    dimensions.get(`${input}:${axis}`) ?? (symbol === '' ? undefined : dimensions.get(symbol));
  if (bound !== undefined) return bound;
  if (axis === 0 || batchNames.has(symbol)) return 1;
  return symbol === '' ? `axis ${axis}` : `axis ${axis} ("${symbol}")`;
};

/** Inputs that are not initializers. */
export const realInputs = (graph: GraphProto): readonly ValueInfoProto[] => {
  const initialized = new Set(graph.initializer.map((t) => t.name));
  return graph.input.filter((input) => !initialized.has(input.name));
};

const dimensionsOf = (input: ValueInfoProto): readonly TensorShapeProto_Dimension[] | null =>
  input.type?.value.case === 'tensorType' ? (input.type.value.value.shape?.dim ?? null) : null;

/** Symbolic names of the first axes. */
const batchNamesOf = (inputs: readonly ValueInfoProto[]): ReadonlySet<string> =>
  new Set(
    inputs.flatMap((input) => {
      const first = dimensionsOf(input)?.[0]?.value;
      return first?.case === 'dimParam' && first.value !== '' ? [first.value] : [];
    }),
  );

/** Binds the symbolic lengths of declared values. */
export class Declarations {
  readonly #bindings: ReadonlyMap<string, number>;
  readonly #batchNames: ReadonlySet<string>;

  constructor(graph: GraphProto, dimensions: Dimensions) {
    this.#bindings = new Map(Object.entries(dimensions));
    this.#batchNames = batchNamesOf(realInputs(graph));
  }

  /**
   * The declared type and shape of a value.
   *
   * @throws {NodeProblem} where they are not supported or not static.
   */
  read(info: ValueInfoProto): GraphValue {
    const type = info.type?.value;
    if (type?.case !== 'tensorType') {
      throw new NodeProblem('dtype', `it is not a tensor but ${type?.case ?? 'untyped'}`);
    }
    const dtype = dtypeOf(type.value.elemType);
    if (dtype === null)
      throw new NodeProblem('dtype', `element type ${dtypeName(type.value.elemType)}`);
    const dims = dimensionsOf(info);
    if (dims === null)
      throw new NodeProblem('shape', 'dynamic shape: its number of axes is not declared');
    if (dims.length > 64) throw new NodeProblem('shape', `${dims.length} axes`);
    const lengths = dims.map((d, axis) =>
      bind(info.name, axis, d, this.#bindings, this.#batchNames),
    );
    const open = lengths.filter((d) => typeof d === 'string');
    if (open.length > 0) {
      throw new NodeProblem(
        'shape',
        `dynamic shape: no length for ${open.join(', ')}; give one by the option dimensions`,
      );
    }
    return {
      name: info.name,
      shape: lengths.filter((d) => typeof d === 'number'),
      dtype,
      data: null,
    };
  }
}

/** Version of a domain's operators that the model declares; '' and 'ai.onnx' are the same. */
export const opsetOf = (model: ModelProto, domain: string): number | null => {
  const canonical = (d: string): string => (d === 'ai.onnx' ? '' : d);
  const entry = model.opsetImport.find((o) => canonical(o.domain) === canonical(domain));
  return entry === undefined ? null : Number(entry.version);
};
