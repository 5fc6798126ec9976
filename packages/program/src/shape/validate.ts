import { err, ok, type Result } from '@assay/core/errors';
import { P } from '@assay/core/field';
import type { ProgramError } from '../errors.ts';
import type { Form, Program, Relation, Step, Table, Tensor, View } from '../types.ts';
import { elementCount } from './dimensions.ts';
import { LIMITS } from './limits.ts';

/** Collects the first thing wrong; everything after it is skipped. */
class Checker {
  error: ProgramError | null = null;

  get failed(): boolean {
    return this.error !== null;
  }

  limit(what: string, actual: number, limit: number): boolean {
    if (this.error === null && !(actual <= limit)) {
      this.error = { kind: 'program/limit', what, limit, actual };
    }
    return this.error === null;
  }

  require(condition: boolean, where: string, reason: string): boolean {
    if (this.error === null && !condition)
      this.error = { kind: 'program/structure', where, reason };
    return this.error === null;
  }
}

function isInteger(n: number, bound: number): boolean {
  return Number.isSafeInteger(n) && n > -bound && n < bound;
}

function checkShape(c: Checker, shape: readonly number[], where: string): boolean {
  if (!c.limit(`${where}: number of axes`, shape.length, LIMITS.axes)) return false;
  for (const length of shape) {
    if (!c.require(Number.isSafeInteger(length) && length >= 1, where, 'axis length must be >= 1'))
      return false;
    if (!c.limit(`${where}: axis length`, length, LIMITS.elements)) return false;
  }
  return c.limit(`${where}: elements`, elementCount(shape), LIMITS.elements);
}

function checkRange(c: Checker, range: { lo: number; hi: number }, where: string): void {
  c.require(
    isInteger(range.lo, P) && isInteger(range.hi, P) && range.lo <= range.hi,
    where,
    'range must be integers lo <= hi inside (-p, p)',
  );
  c.require(range.hi - range.lo < P, where, 'range must be narrower than p');
}

function checkTensor(c: Checker, tensor: Tensor, nodes: number, where: string): void {
  c.limit(`${where}: name length`, tensor.name.length, LIMITS.nameLength);
  checkShape(c, tensor.shape, where);
  c.require(tensor.node >= 0 && tensor.node < nodes, where, 'unknown node');
  c.require(
    (tensor.role === 'constant') === (tensor.data !== null),
    where,
    'exactly constants have data',
  );
  c.require(
    (tensor.role === 'witness') === (tensor.range === null),
    where,
    'exactly witness tensors have no declared range',
  );
  const { range, data } = tensor;
  if (range === null) return;
  checkRange(c, range, where);
  if (data === null || c.failed) return;
  c.require(
    data.length === elementCount(tensor.shape),
    where,
    'number of values is not that of the shape',
  );
  c.require(
    data.every((v) => Number.isSafeInteger(v) && v >= range.lo && v <= range.hi),
    where,
    'a value is outside the declared range',
  );
}

/** A view of a tensor of shape `shape` over logical axes of lengths `dims`: covers the storage axes in order, each logical axis once. */
function checkView(
  c: Checker,
  view: View,
  shape: readonly number[],
  dims: readonly number[],
  where: string,
): void {
  const used = new Set<number>();
  const use = (axis: number): number => {
    const length = dims[axis];
    c.require(length !== undefined, where, 'view names a logical axis that does not exist');
    c.require(!used.has(axis), where, 'view reads a logical axis twice');
    used.add(axis);
    return length ?? 1;
  };
  let position = 0;
  for (const factor of view) {
    if (c.failed) return;
    switch (factor.kind) {
      case 'affine': {
        c.require(isInteger(factor.offset, 2 ** 30), where, 'offset out of bounds');
        for (const { axis, stride } of factor.strides) {
          use(axis);
          c.require(isInteger(stride, 2 ** 30), where, 'stride out of bounds');
        }
        c.limit(
          `${where}: positions of one axis`,
          elementCount(factor.strides.map(({ axis }) => dims[axis] ?? 1)),
          LIMITS.factorPositions,
        );
        position += 1;
        break;
      }
      case 'gather': {
        const length = shape[position] ?? 0;
        c.require(
          factor.indices.length === use(factor.axis),
          where,
          'gather needs one index per logical position',
        );
        c.require(
          factor.indices.every((i) => Number.isSafeInteger(i) && i >= -1 && i < length),
          where,
          'gather index outside the axis',
        );
        position += 1;
        break;
      }
      case 'reshape': {
        c.require(
          Number.isSafeInteger(factor.storageAxes) &&
            factor.storageAxes >= 1 &&
            factor.storageAxes <= LIMITS.axes,
          where,
          'reshape must cover storage axes',
        );
        if (c.failed) return;
        const storage = elementCount(shape.slice(position, position + factor.storageAxes));
        const logical = elementCount(factor.axes.map(use));
        c.require(storage === logical, where, 'reshape must keep the number of elements');
        c.limit(`${where}: positions of a reshape`, storage, LIMITS.factorPositions);
        c.limit(
          `${where}: axes of a reshape`,
          factor.storageAxes + factor.axes.length,
          LIMITS.reshapeAxes,
        );
        position += factor.storageAxes;
        break;
      }
    }
  }
  c.require(position === shape.length, where, 'view must cover every storage axis');
}

function checkForm(
  c: Checker,
  program: Program,
  form: Form,
  dims: readonly number[],
  where: string,
): void {
  c.limit(`${where}: terms`, form.terms.length, LIMITS.terms);
  c.require(isInteger(form.constant, P), where, 'constant outside (-p, p)');
  for (const term of form.terms) {
    if (c.failed) return;
    const tensor = program.tensors[term.tensor];
    if (!c.require(tensor !== undefined, where, 'unknown tensor') || tensor === undefined) return;
    c.require(
      isInteger(term.coefficient, P) && term.coefficient !== 0,
      where,
      'coefficient must be a nonzero integer inside (-p, p)',
    );
    const axes = [...dims, ...term.sums];
    if (checkShape(c, axes, where)) checkView(c, term.view, tensor.shape, axes, where);
  }
}

function checkRelation(c: Checker, program: Program, relation: Relation, where: string): void {
  c.require(relation.node >= 0 && relation.node < program.nodes.length, where, 'unknown node');
  if (!checkShape(c, relation.dims, where)) return;
  if (relation.kind === 'lookup') {
    const table = program.tables[relation.table];
    if (!c.require(table !== undefined, where, 'unknown table') || table === undefined) return;
    c.require(
      relation.entries.length === table.columns.length,
      where,
      'one entry per table column',
    );
    for (const entry of relation.entries) checkForm(c, program, entry, relation.dims, where);
    return;
  }
  checkForm(c, program, relation.form, relation.dims, where);
  c.limit(`${where}: products`, relation.products.length, LIMITS.terms);
  c.require(relation.form.terms.length + relation.products.length > 0, where, 'empty relation');
  for (const product of relation.products) {
    if (c.failed) return;
    c.require(
      isInteger(product.coefficient, P) && product.coefficient !== 0,
      where,
      'coefficient must be a nonzero integer inside (-p, p)',
    );
    const axes = [...relation.dims, ...product.sums];
    if (!checkShape(c, axes, where)) return;
    checkForm(c, program, product.left, axes, where);
    checkForm(c, program, product.right, axes, where);
  }
  if (relation.declared !== null) checkRange(c, relation.declared, where);
}

function checkTable(c: Checker, table: Table, where: string): void {
  c.limit(`${where}: name length`, table.name.length, LIMITS.nameLength);
  c.require(
    Number.isSafeInteger(table.rows) && table.rows >= 1,
    where,
    'a table has at least one row',
  );
  c.limit(`${where}: columns`, table.columns.length, LIMITS.tableColumns);
  c.require(
    Number.isSafeInteger(table.keys) && table.keys >= 1 && table.keys <= table.columns.length,
    where,
    'keys must be 1..columns',
  );
  for (const column of table.columns) {
    if (c.failed) return;
    if (column.kind === 'listed') {
      c.limit(`${where}: listed rows`, table.rows, LIMITS.listedRows);
      c.require(
        column.values.length === table.rows,
        where,
        'a listed column has one value per row',
      );
      c.require(
        column.values.every((v) => isInteger(v, P)),
        where,
        'table value outside (-p, p)',
      );
      continue;
    }
    c.limit(`${where}: rows`, table.rows, LIMITS.segmentRows);
    c.limit(`${where}: segments`, column.segments.length, LIMITS.segments);
    let rows = 0;
    for (const segment of column.segments) {
      c.require(
        Number.isSafeInteger(segment.rows) && segment.rows >= 1,
        where,
        'a segment has at least one row',
      );
      c.require(
        isInteger(segment.start, P) &&
          isInteger(segment.slope, P) &&
          isInteger(segment.start + segment.slope * (segment.rows - 1), P),
        where,
        'table value outside (-p, p)',
      );
      rows += segment.rows;
    }
    c.require(rows === table.rows, where, 'segments must cover the rows');
  }
}

function checkSteps(c: Checker, program: Program): void {
  const produced = new Set<number>();
  const produce = (tensor: number, where: string): void => {
    const role = program.tensors[tensor]?.role;
    c.require(
      role === 'witness' || role === 'output',
      where,
      'a step produces witness or output tensors',
    );
    c.require(!produced.has(tensor), where, 'tensor is produced twice');
    produced.add(tensor);
  };
  program.steps.forEach((step: Step, index) => {
    const where = `step ${index}`;
    switch (step.kind) {
      case 'digits':
        c.require(
          program.relations[step.relation]?.kind === 'zero',
          where,
          'needs a zero relation',
        );
        c.require(
          step.outputs.length > 0 && step.outputs.length <= LIMITS.axes,
          where,
          'needs outputs',
        );
        for (const output of step.outputs) {
          produce(output.tensor, where);
          c.require(isInteger(output.low, P), where, 'low outside (-p, p)');
        }
        break;
      case 'lookup': {
        const relation = program.relations[step.relation];
        c.require(relation?.kind === 'lookup', where, 'needs a lookup relation');
        const columns = relation?.kind === 'lookup' ? relation.entries.length : 0;
        for (const output of step.outputs) {
          produce(output.tensor, where);
          c.require(
            Number.isSafeInteger(output.column) && output.column >= 0 && output.column < columns,
            where,
            'unknown column',
          );
        }
        break;
      }
      case 'divide':
        c.require(
          program.relations[step.relation]?.kind === 'zero',
          where,
          'needs a zero relation',
        );
        produce(step.quotient, where);
        produce(step.remainder, where);
        break;
      case 'onehot': {
        produce(step.output, where);
        const shape = program.tensors[step.output]?.shape ?? [];
        c.require(
          Number.isSafeInteger(step.axis) && step.axis >= 0 && step.axis < shape.length,
          where,
          'unknown axis',
        );
        checkForm(c, program, step.source, shape, where);
        break;
      }
    }
  });
  program.tensors.forEach((tensor, id) => {
    if (tensor.role === 'witness' || tensor.role === 'output') {
      c.require(produced.has(id), `tensor ${tensor.name}`, 'no step produces it');
    }
  });
}

/**
 * Structural validity: shapes, views, counts, limits. Says nothing about ranges (`deriveRanges`).
 * Total on every Program value; a program that passes is safe to walk.
 */
export function validateProgram(program: Program): Result<null, ProgramError> {
  const c = new Checker();
  c.limit('name length', program.name.length, LIMITS.nameLength);
  c.limit('tensors', program.tensors.length, LIMITS.tensors);
  c.limit('tables', program.tables.length, LIMITS.tables);
  c.limit('relations', program.relations.length, LIMITS.relations);
  c.limit('steps', program.steps.length, LIMITS.steps);
  c.limit('nodes', program.nodes.length, LIMITS.nodes);
  c.limit('ports', program.inputs.length + program.outputs.length, LIMITS.ports);
  if (c.error !== null) return err(c.error);
  for (const node of program.nodes) {
    c.limit('node name length', node.name.length + node.operator.length, LIMITS.nameLength);
  }
  program.tensors.forEach((tensor, id) => {
    if (!c.failed)
      checkTensor(c, tensor, program.nodes.length, `tensor ${id} (${tensor.name.slice(0, 64)})`);
  });
  program.tables.forEach((table, id) => {
    if (!c.failed) checkTable(c, table, `table ${id}`);
  });
  program.relations.forEach((relation, id) => {
    if (!c.failed) checkRelation(c, program, relation, `relation ${id}`);
  });
  if (!c.failed) checkSteps(c, program);
  const ports = [
    ...program.inputs.map((port) => ({ port, role: 'input' })),
    ...program.outputs.map((port) => ({ port, role: 'output' })),
  ];
  const seen = new Set<number>();
  for (const { port, role } of ports) {
    if (c.failed) break;
    const where = `port ${port.name.slice(0, 64)}`;
    c.limit(`${where}: name length`, port.name.length, LIMITS.nameLength);
    const tensor = program.tensors[port.tensor];
    if (!c.require(tensor !== undefined && tensor.role === role, where, `needs an ${role} tensor`))
      break;
    c.require(!seen.has(port.tensor), where, 'tensor has two ports');
    seen.add(port.tensor);
    if (!checkShape(c, port.shape, where)) break;
    c.require(
      elementCount(port.shape) === elementCount(tensor?.shape ?? []),
      where,
      'shape does not have the elements of the tensor',
    );
    c.require(
      Number.isFinite(port.scale) && port.scale > 0,
      where,
      'scale must be positive and finite',
    );
    c.require(isInteger(port.zero, P), where, 'zero outside (-p, p)');
  }
  program.tensors.forEach((tensor, id) => {
    if (tensor.role === 'input' || tensor.role === 'output') {
      c.require(seen.has(id), `tensor ${tensor.name.slice(0, 64)}`, 'has no port');
    }
  });
  return c.error === null ? ok(null) : err(c.error);
}
