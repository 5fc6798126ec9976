import { concatBytes, keccak256 } from '@assay/core/hash';
import type {
  Form,
  Port,
  Program,
  Range,
  Relation,
  Step,
  Table,
  Tensor,
  Term,
  ViewFactor,
} from '../types.ts';
import { encodeCbor } from './strict-cbor.ts';

/** First item of every encoded program. */
export const PROGRAM_FORMAT = 'assay/program/v1';

const range = (r: Range | null): unknown => (r === null ? null : [r.lo, r.hi]);

function factor(f: ViewFactor): unknown {
  switch (f.kind) {
    case 'affine':
      return ['affine', f.offset, f.strides.map((s) => [s.axis, s.stride])];
    case 'gather':
      return ['gather', f.axis, f.indices];
    case 'reshape':
      return ['reshape', f.storageAxes, f.axes];
  }
}

const term = (t: Term): unknown => [t.tensor, t.coefficient, t.view.map(factor), t.sums];
const form = (f: Form): unknown => [f.terms.map(term), f.constant];
const tensor = (t: Tensor): unknown => [t.name, t.role, t.shape, range(t.range), t.data, t.node];

function relation(r: Relation): unknown {
  if (r.kind === 'lookup') return ['lookup', r.dims, r.table, r.entries.map(form), r.node];
  const products = r.products.map((p) => [p.coefficient, p.sums, form(p.left), form(p.right)]);
  return ['zero', r.dims, form(r.form), products, range(r.declared), r.node];
}

function table(t: Table): unknown {
  const columns = t.columns.map((c) =>
    c.kind === 'listed'
      ? ['listed', c.values]
      : ['segments', c.segments.map((s) => [s.rows, s.start, s.slope])],
  );
  return [t.name, t.rows, t.keys, columns];
}

function step(s: Step): unknown {
  switch (s.kind) {
    case 'digits':
      return ['digits', s.relation, s.outputs.map((o) => [o.tensor, o.low])];
    case 'lookup':
      return ['lookup', s.relation, s.outputs.map((o) => [o.column, o.tensor])];
    case 'divide':
      return ['divide', s.relation, s.quotient, s.remainder];
    case 'onehot':
      return ['onehot', form(s.source), s.axis, s.output];
  }
}

const port = (p: Port): unknown => [p.name, p.tensor, p.shape, p.scale, p.zero, p.meaning];

/** Canonical bytes of a program: deterministic CBOR of nested lists. */
export function encodeProgram(program: Program): Uint8Array {
  return encodeCbor([
    PROGRAM_FORMAT,
    program.name,
    program.tensors.map(tensor),
    program.tables.map(table),
    program.relations.map(relation),
    program.steps.map(step),
    program.inputs.map(port),
    program.outputs.map(port),
    program.nodes.map((n) => [n.name, n.operator]),
  ]);
}

/** keccak256(0x05 ‖ canonical bytes): the program's identity. */
export function programDigest(encoded: Uint8Array): Uint8Array {
  return keccak256(concatBytes(Uint8Array.of(5), encoded));
}
