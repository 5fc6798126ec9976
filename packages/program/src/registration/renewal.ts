import { LIMITS } from '../shape/limits.ts';
import type { Program, Relation, Tensor } from '../types.ts';
import { addForms, wholeForm } from './forms.ts';

/**
 * "A new root holds the same values as an earlier one": every tensor twice, as model tensors under the new root (the
 * first half, laid out like the model that they are) and under the earlier one (the second half), and
 *
 *   new − earlier = 0
 *
 * elementwise. Equal mod p is equal, for values inside a range narrower than p, which both roots' values are:
 * those of the earlier root by what was proven of it. No ports, no witness, no lookups.
 *
 * @param tensors - Of a model, in its order; or the one that was committed alone.
 */
export function renewalProgram(
  tensors: readonly Pick<Tensor, 'name' | 'shape' | 'range'>[],
): Program {
  const half = (which: string): readonly Tensor[] =>
    tensors.map(({ name, shape, range }) => ({
      name: `${which} ${name}`.slice(0, LIMITS.nameLength),
      role: 'model',
      shape,
      range,
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
    nodes: [{ name: 'renewal', operator: 'Renewal' }],
  };
}
