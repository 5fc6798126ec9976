/** A node's attributes, read by name and type; what nobody reads is a problem. */
import { NodeProblem } from './errors.ts';
import {
  AttributeProto_AttributeType as Type,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
} from './proto/onnx_pb.js';

const text = new TextDecoder();

export class Attributes {
  readonly #byName = new Map<string, AttributeProto>();
  readonly #unread = new Set<string>();

  constructor(node: NodeProto) {
    for (const attribute of node.attribute) {
      if (this.#byName.has(attribute.name)) {
        throw new NodeProblem('attribute', `attribute "${attribute.name}" occurs twice`);
      }
      this.#byName.set(attribute.name, attribute);
      this.#unread.add(attribute.name);
    }
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  int(name: string, fallback: number): number;
  int(name: string, fallback: null): number | null;
  int(name: string, fallback: number | null): number | null {
    const a = this.#read(name, Type.INT);
    return a === undefined ? fallback : Number(a.i);
  }

  /** An int that stands for a boolean. */
  flag(name: string, fallback: boolean): boolean {
    return this.int(name, fallback ? 1 : 0) !== 0;
  }

  float(name: string, fallback: number): number;
  float(name: string, fallback: null): number | null;
  float(name: string, fallback: number | null): number | null {
    const a = this.#read(name, Type.FLOAT);
    if (a !== undefined && Number.isNaN(a.f))
      throw new NodeProblem('attribute', `attribute "${name}" is NaN`);
    return a === undefined ? fallback : a.f;
  }

  string(name: string, fallback: string): string {
    const a = this.#read(name, Type.STRING);
    return a === undefined ? fallback : text.decode(a.s);
  }

  ints(name: string): number[] | null {
    return this.#read(name, Type.INTS)?.ints.map(Number) ?? null;
  }

  floats(name: string): number[] | null {
    return this.#read(name, Type.FLOATS)?.floats ?? null;
  }

  tensor(name: string): TensorProto | null {
    return this.#read(name, Type.TENSOR)?.t ?? null;
  }

  /** Marks attributes as known to have no meaning here. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#unread.delete(name);
  }

  /** Refuses attributes that nobody read: their meaning would be lost. */
  finish(): void {
    const names = [...this.#unread].map((name) => `"${name}"`);
    if (names.length > 0) {
      throw new NodeProblem(
        'attribute',
        `unsupported ${names.length === 1 ? 'attribute' : 'attributes'} ${names.join(', ')}`,
      );
    }
  }

  #read(name: string, type: Type): AttributeProto | undefined {
    const attribute = this.#byName.get(name);
    this.#unread.delete(name);
    if (attribute === undefined) return undefined;
    if (attribute.refAttrName !== '' || attribute.type !== type) {
      throw new NodeProblem('attribute', `attribute "${name}" is not of type ${Type[type]}`);
    }
    return attribute;
  }
}
