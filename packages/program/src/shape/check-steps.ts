import { P } from '@assay/core/field';
import type { Form, Program, Step, Term } from '../types.ts';
import { wholeAxes } from '../views/indexer.ts';
import { type Checker, isInteger } from './checker.ts';
import { checkForm } from './check-form.ts';
import { LIMITS } from './limits.ts';

/** The terms of a form that are the whole of a tensor, axis by axis. */
function wholeTerms(
  program: Program,
  form: Form,
  dims: readonly number[],
  tensor: number,
): readonly Term[] {
  const shape = program.tensors[tensor]?.shape ?? [];
  return form.terms.filter(
    (term) =>
      term.tensor === tensor &&
      term.sums.length === 0 &&
      wholeAxes(term.view, shape, dims) !== null,
  );
}

function isBare(program: Program, form: Form, dims: readonly number[], tensor: number): boolean {
  const [term] = wholeTerms(program, form, dims, tensor);
  return form.terms.length === 1 && form.constant === 0 && term?.coefficient === 1;
}

/**
 * Every element that a step produces occurs in the relation that the step names: no relation, no
 * reason for a prover to give that value.
 */
function isConstrained(program: Program, step: Step, tensor: number): boolean {
  // Names no relation; `deriveRanges` asks for the lookup.
  if (step.kind === 'onehot') return true;
  const relation = program.relations[step.relation];
  switch (step.kind) {
    case 'digits':
      return (
        relation?.kind === 'zero' &&
        wholeTerms(program, relation.form, relation.dims, tensor).length > 0
      );
    case 'lookup': {
      const output = step.outputs.find((o) => o.tensor === tensor);
      const entry =
        relation?.kind === 'lookup' ? relation.entries[output?.column ?? -1] : undefined;
      return entry !== undefined && isBare(program, entry, relation?.dims ?? [], tensor);
    }
    case 'divide': {
      if (relation?.kind !== 'zero') return false;
      const { dims, form, products } = relation;
      return tensor === step.remainder
        ? wholeTerms(program, form, dims, tensor).length > 0
        : products.some(
            ({ left, sums }) =>
              sums.length === 0 && wholeTerms(program, left, dims, tensor).length > 0,
          );
    }
  }
}

/** Each witness and output tensor is produced by one step, and occurs in the relation of that step. */
export function checkSteps(c: Checker, program: Program): void {
  const produced = new Set<number>();
  const produce = (step: Step, tensor: number, where: string): void => {
    const role = program.tensors[tensor]?.role;
    c.require(
      role === 'witness' || role === 'output',
      where,
      'a step produces witness or output tensors',
    );
    c.require(!produced.has(tensor), where, 'tensor is produced twice');
    produced.add(tensor);
    c.require(
      isConstrained(program, step, tensor),
      where,
      'its relation does not have what it produces',
    );
  };
  program.steps.forEach((step: Step, index) => {
    if (c.failed) return;
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
          produce(step, output.tensor, where);
          c.require(isInteger(output.low, P), where, 'low outside (-p, p)');
        }
        break;
      case 'lookup': {
        const relation = program.relations[step.relation];
        c.require(relation?.kind === 'lookup', where, 'needs a lookup relation');
        for (const output of step.outputs) produce(step, output.tensor, where);
        break;
      }
      case 'divide':
        c.require(
          program.relations[step.relation]?.kind === 'zero',
          where,
          'needs a zero relation',
        );
        produce(step, step.quotient, where);
        produce(step, step.remainder, where);
        break;
      case 'onehot': {
        produce(step, step.output, where);
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
