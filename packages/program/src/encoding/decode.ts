import { err, ok, type Result } from '@assay/core/errors';
import type { ProgramError } from '../errors.ts';
import { LIMITS } from '../shape/limits.ts';
import { validateProgram } from '../shape/validate.ts';
import type {
  Form,
  Port,
  Product,
  Program,
  ProgramNode,
  Range,
  Relation,
  Step,
  Table,
  TableColumn,
  Tensor,
  Term,
  ViewFactor,
} from '../types.ts';
import { PROGRAM_FORMAT } from './encode.ts';
import { decodeCbor, ValueReader } from './strict-cbor.ts';

class ProgramReader extends ValueReader {
  range(value: unknown): Range {
    const [lo, hi] = this.tuple(value, 2, 'range');
    return { lo: this.integer(lo, 'range'), hi: this.integer(hi, 'range') };
  }

  factor(value: unknown): ViewFactor {
    const [tag, a, b] = this.tuple(value, 3, 'view factor');
    switch (this.choice(tag, ['affine', 'gather', 'reshape'], 'view factor')) {
      case 'affine':
        return {
          kind: 'affine',
          offset: this.integer(a, 'offset'),
          strides: this.list(b, 'strides', (v) => {
            const [axis, stride] = this.tuple(v, 2, 'stride');
            return { axis: this.integer(axis, 'axis'), stride: this.integer(stride, 'stride') };
          }),
        };
      case 'gather':
        return {
          kind: 'gather',
          axis: this.integer(a, 'axis'),
          indices: this.integers(b, 'indices'),
        };
      case 'reshape':
        return {
          kind: 'reshape',
          storageAxes: this.integer(a, 'storage axes'),
          axes: this.integers(b, 'axes'),
        };
    }
  }

  term(value: unknown): Term {
    const [tensor, coefficient, view, sums] = this.tuple(value, 4, 'term');
    return {
      tensor: this.integer(tensor, 'tensor'),
      coefficient: this.integer(coefficient, 'coefficient'),
      view: this.list(view, 'view', (v) => this.factor(v)),
      sums: this.integers(sums, 'sums'),
    };
  }

  form(value: unknown): Form {
    const [terms, constant] = this.tuple(value, 2, 'form');
    return {
      terms: this.list(terms, 'terms', (v) => this.term(v)),
      constant: this.integer(constant, 'constant'),
    };
  }

  product(value: unknown): Product {
    const [coefficient, sums, left, right] = this.tuple(value, 4, 'product');
    return {
      coefficient: this.integer(coefficient, 'coefficient'),
      sums: this.integers(sums, 'sums'),
      left: this.form(left),
      right: this.form(right),
    };
  }

  relation(value: unknown): Relation {
    const length = Array.isArray(value) && value[0] === 'lookup' ? 5 : 6;
    const [tag, dims, a, b, c, d] = this.tuple(value, length, 'relation');
    if (this.choice(tag, ['lookup', 'zero'], 'relation') === 'lookup') {
      return {
        kind: 'lookup',
        dims: this.integers(dims, 'dims'),
        table: this.integer(a, 'table'),
        entries: this.list(b, 'entries', (v) => this.form(v)),
        node: this.integer(c, 'node'),
      };
    }
    return {
      kind: 'zero',
      dims: this.integers(dims, 'dims'),
      form: this.form(a),
      products: this.list(b, 'products', (v) => this.product(v)),
      declared: this.optional(c, (v) => this.range(v)),
      node: this.integer(d, 'node'),
    };
  }

  tensor(value: unknown): Tensor {
    const [name, role, shape, range, data, node] = this.tuple(value, 6, 'tensor');
    return {
      name: this.text(name, 'tensor name'),
      role: this.choice(role, ['input', 'output', 'model', 'witness', 'constant'], 'role'),
      shape: this.integers(shape, 'shape'),
      range: this.optional(range, (v) => this.range(v)),
      data: this.optional(data, (v) => this.integers(v, 'data')),
      node: this.integer(node, 'node'),
    };
  }

  column(value: unknown): TableColumn {
    const [tag, body] = this.tuple(value, 2, 'table column');
    if (this.choice(tag, ['listed', 'segments'], 'table column') === 'listed') {
      return { kind: 'listed', values: this.integers(body, 'values') };
    }
    return {
      kind: 'segments',
      segments: this.list(body, 'segments', (v) => {
        const [rows, start, slope] = this.tuple(v, 3, 'segment');
        return {
          rows: this.integer(rows, 'rows'),
          start: this.integer(start, 'start'),
          slope: this.integer(slope, 'slope'),
        };
      }),
    };
  }

  table(value: unknown): Table {
    const [name, rows, keys, columns] = this.tuple(value, 4, 'table');
    return {
      name: this.text(name, 'table name'),
      rows: this.integer(rows, 'rows'),
      keys: this.integer(keys, 'keys'),
      columns: this.list(columns, 'columns', (v) => this.column(v)),
    };
  }

  step(value: unknown): Step {
    const tag = Array.isArray(value) ? value[0] : null;
    const kind = this.choice(tag, ['digits', 'lookup', 'divide', 'onehot'], 'step');
    const [, a, b, c] = this.tuple(value, kind === 'divide' || kind === 'onehot' ? 4 : 3, 'step');
    switch (kind) {
      case 'digits':
        return {
          kind,
          relation: this.integer(a, 'relation'),
          outputs: this.list(b, 'outputs', (v) => {
            const [tensor, low] = this.tuple(v, 2, 'digit');
            return { tensor: this.integer(tensor, 'tensor'), low: this.integer(low, 'low') };
          }),
        };
      case 'lookup':
        return {
          kind,
          relation: this.integer(a, 'relation'),
          outputs: this.list(b, 'outputs', (v) => {
            const [column, tensor] = this.tuple(v, 2, 'output');
            return {
              column: this.integer(column, 'column'),
              tensor: this.integer(tensor, 'tensor'),
            };
          }),
        };
      case 'divide':
        return {
          kind,
          relation: this.integer(a, 'relation'),
          quotient: this.integer(b, 'quotient'),
          remainder: this.integer(c, 'remainder'),
        };
      case 'onehot':
        return {
          kind,
          source: this.form(a),
          axis: this.integer(b, 'axis'),
          output: this.integer(c, 'output'),
        };
    }
  }

  port(value: unknown): Port {
    const [name, tensor, shape, scale, zero, meaning] = this.tuple(value, 6, 'port');
    return {
      name: this.text(name, 'port name'),
      tensor: this.integer(tensor, 'tensor'),
      shape: this.integers(shape, 'shape'),
      scale: this.number(scale, 'scale'),
      zero: this.integer(zero, 'zero'),
      meaning: this.choice(meaning, ['number', 'label'], 'meaning'),
    };
  }

  node(value: unknown): ProgramNode {
    const [name, operator] = this.tuple(value, 2, 'node');
    return { name: this.text(name, 'node name'), operator: this.text(operator, 'operator') };
  }

  program(value: unknown): Program {
    const [format, name, tensors, tables, relations, steps, inputs, outputs, nodes] = this.tuple(
      value,
      9,
      'program',
    );
    this.choice(format, [PROGRAM_FORMAT], 'format');
    return {
      name: this.text(name, 'name'),
      tensors: this.list(tensors, 'tensors', (v) => this.tensor(v)),
      tables: this.list(tables, 'tables', (v) => this.table(v)),
      relations: this.list(relations, 'relations', (v) => this.relation(v)),
      steps: this.list(steps, 'steps', (v) => this.step(v)),
      inputs: this.list(inputs, 'inputs', (v) => this.port(v)),
      outputs: this.list(outputs, 'outputs', (v) => this.port(v)),
      nodes: this.list(nodes, 'nodes', (v) => this.node(v)),
    };
  }
}

/** Decodes and validates. Accepts exactly what `encodeProgram` writes of a valid program. */
export function decodeProgram(bytes: Uint8Array): Result<Program, ProgramError> {
  if (bytes.length > LIMITS.programBytes) {
    return err({
      kind: 'program/limit',
      what: 'bytes',
      limit: LIMITS.programBytes,
      actual: bytes.length,
    });
  }
  const value = decodeCbor(bytes);
  if (!value.ok) return err({ kind: 'program/encoding', reason: value.error });
  const reader = new ProgramReader();
  const program = reader.program(value.value);
  if (reader.failure !== null) return err({ kind: 'program/encoding', reason: reader.failure });
  const valid = validateProgram(program);
  return valid.ok ? ok(program) : valid;
}
