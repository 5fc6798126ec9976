import { P } from '@assay/core/field';
import type { Form, Program, View } from '../types.ts';
import { type Checker, isInteger } from './checker.ts';
import { elementCount } from './dimensions.ts';
import { LIMITS } from './limits.ts';

/** Axis lengths from 1 on, their number and product within limits. */
export function checkShape(c: Checker, shape: readonly number[], where: string): boolean {
  if (!c.limit(`${where}: number of axes`, shape.length, LIMITS.axes)) return false;
  for (const length of shape) {
    if (!c.require(Number.isSafeInteger(length) && length >= 1, where, 'axis length must be >= 1'))
      return false;
    if (!c.limit(`${where}: axis length`, length, LIMITS.elements)) return false;
  }
  return c.limit(`${where}: elements`, elementCount(shape), LIMITS.elements);
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
    if (factor.kind !== 'reshape')
      c.limit(`${where}: storage axis`, shape[position] ?? 1, LIMITS.factorPositions);
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

/** Every term a known tensor, read by a view that fits it and the form's axes. */
export function checkForm(
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
