import { err, ok, type Result } from '@assay/core/errors';
import { P } from '@assay/core/field';
import type { ProgramError } from '../errors.ts';
import type { Form, Program, Relation, Table, Tensor } from '../types.ts';
import { checkForm, checkShape } from './check-form.ts';
import { checkSteps } from './check-steps.ts';
import { Checker, isInteger } from './checker.ts';
import { elementCount } from './dimensions.ts';
import { LIMITS } from './limits.ts';

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
  const { declared } = relation;
  if (declared === null) return;
  checkRange(c, declared, where);
  const isFixed = (form: Form): boolean =>
    form.terms.every(({ tensor }) => {
      const role = program.tensors[tensor]?.role;
      return role === 'model' || role === 'constant';
    });
  // What else could a declared interval follow from?
  c.require(
    relation.products.every(({ left, right }) => isFixed(left) !== isFixed(right)),
    where,
    'a declared interval needs products with one operand of weights',
  );
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
  const names = new Set<string>();
  for (const { port, role } of ports) {
    if (c.failed) break;
    const where = `port ${port.name.slice(0, 64)}`;
    c.limit(`${where}: name length`, port.name.length, LIMITS.nameLength);
    const tensor = program.tensors[port.tensor];
    if (!c.require(tensor !== undefined && tensor.role === role, where, `needs an ${role} tensor`))
      break;
    c.require(!seen.has(port.tensor), where, 'tensor has two ports');
    seen.add(port.tensor);
    c.require(!names.has(`${role} ${port.name}`), where, 'name is taken');
    names.add(`${role} ${port.name}`);
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
