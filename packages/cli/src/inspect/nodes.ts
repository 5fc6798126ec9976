import { elementCount, type Program, type Range, type System } from '@assay/program';

/** What one node of the source model became. */
export interface NodeSummary {
  readonly name: string;
  readonly operator: string;
  /** Shape of its last tensor. */
  readonly shape: readonly number[];
  /** Bits of the widest committed tensor, sign included. */
  readonly bits: number;
  /** Elements committed once, under the model root. */
  readonly modelElements: number;
  /** Elements committed per proof. */
  readonly witnessElements: number;
  /** Elements looked up in tables. */
  readonly lookups: number;
  /** Products of all einsums: multiply-adds of plain execution. */
  readonly multiplyAdds: number;
  readonly relations: { readonly linear: number; readonly einsum: number; readonly lookup: number };
}

export interface TensorSummary {
  readonly name: string;
  readonly role: string;
  readonly node: string;
  readonly shape: readonly number[];
  readonly range: Range;
  readonly bits: number;
}

/** Bits that hold every integer of a range, sign included where it has negative ones. */
export function bitsOf({ lo, hi }: Range): number {
  const unsigned = Math.ceil(Math.log2(Math.max(hi, -lo - 1, 0) + 1));
  return Math.max(1, lo < 0 ? unsigned + 1 : unsigned);
}

export function tensorSummaries({ program, ranges }: System): TensorSummary[] {
  return program.tensors.map(({ name, role, shape, node }, id) => {
    const range = ranges[id] ?? { lo: 0, hi: 0 };
    return { name, role, node: program.nodes[node]?.name ?? '', shape, range, bits: bitsOf(range) };
  });
}

function multiplyAdds(program: Program, node: number): number {
  let sum = 0;
  for (const relation of program.relations) {
    if (relation.node !== node || relation.kind !== 'zero') continue;
    for (const { sums } of relation.products) sum += elementCount([...relation.dims, ...sums]);
  }
  return sum;
}

/** A row per node that left something in the program, in the model's order. */
export function nodeSummaries(system: System): NodeSummary[] {
  const { program, ranges } = system;
  return program.nodes.flatMap(({ name, operator }, node) => {
    const tensors = program.tensors.flatMap((tensor, id) =>
      tensor.node === node ? [{ ...tensor, id, elements: elementCount(tensor.shape) }] : [],
    );
    const relations = program.relations.filter((relation) => relation.node === node);
    if (tensors.length === 0 && relations.length === 0) return [];
    const elementsOf = (role: string): number =>
      tensors.reduce((sum, tensor) => sum + (tensor.role === role ? tensor.elements : 0), 0);
    const count = (kind: 'linear' | 'einsum' | 'lookup'): number =>
      relations.filter((relation) => kindOf(relation) === kind).length;
    const last = tensors.findLast(({ role }) => role === 'witness' || role === 'output');
    return [
      {
        name,
        operator,
        shape: (last ?? tensors.at(-1))?.shape ?? [],
        bits: Math.max(0, ...tensors.map(({ id }) => bitsOf(ranges[id] ?? { lo: 0, hi: 0 }))),
        modelElements: elementsOf('model'),
        witnessElements: elementsOf('witness'),
        lookups: relations.reduce(
          (sum, relation) => sum + (relation.kind === 'lookup' ? elementCount(relation.dims) : 0),
          0,
        ),
        multiplyAdds: multiplyAdds(program, node),
        relations: { linear: count('linear'), einsum: count('einsum'), lookup: count('lookup') },
      },
    ];
  });
}

function kindOf(relation: Program['relations'][number]): 'linear' | 'einsum' | 'lookup' {
  if (relation.kind === 'lookup') return 'lookup';
  return relation.products.length > 0 ? 'einsum' : 'linear';
}
