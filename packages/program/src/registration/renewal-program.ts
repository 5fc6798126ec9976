import { LIMITS } from '../shape/limits.ts';
import type { Program, Relation, Tensor } from '../types.ts';
import { addForms, wholeForm } from './forms.ts';

/** A tensor whose values a new root takes over from an earlier one. */
export interface RenewedTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Equality mod p is what a renewal is about: this only keeps a difference from being called too large. */
const ANY = { lo: -(2 ** 29), hi: 2 ** 29 };

/** The model tensors of a program, in the order of its columns. */
export function renewedTensors(program: Program): readonly RenewedTensor[] {
  return program.tensors.filter(({ role }) => role === 'model');
}

/**
 * "The new root holds what the earlier root holds": for each tensor x_new − x_earlier = 0, elementwise
 * and as elements of F. Model tensors are first all new ones, then all earlier ones in the same order;
 * the layout of a visibility that `renews` puts each half under its own root, with its own tail.
 *
 * Nothing is claimed of the values: the earlier root's registration speaks for both, or the proof that
 * reads a tensor.   Cost: no lookup and no product; one linear relation a tensor.
 */
export function renewalProgram(tensors: readonly RenewedTensor[]): Program {
  const half = (age: string): readonly Tensor[] =>
    tensors.map(({ name, shape }) => ({
      name: `${age} ${name}`.slice(0, LIMITS.nameLength),
      role: 'model',
      shape,
      range: ANY,
      data: null,
      node: 0,
    }));
  const relations = tensors.map(({ shape }, id): Relation => {
    const form = addForms(wholeForm(id, shape), wholeForm(tensors.length + id, shape), -1);
    return { kind: 'zero', dims: shape, form, products: [], declared: null, node: 0 };
  });
  return {
    name: 'renewal',
    tensors: [...half('new'), ...half('earlier')],
    tables: [],
    relations,
    steps: [],
    inputs: [],
    outputs: [],
    nodes: [{ name: 'renewal', operator: 'Equal' }],
  };
}
