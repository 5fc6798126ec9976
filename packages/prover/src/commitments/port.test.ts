import { publicVisibility } from '@assay/program';
import type { VerifyingKey } from '@assay/verifier';
import { beforeAll, describe, expect, test } from 'vitest';
import { mlp } from '../../test/fixtures.ts';
import { toyEngine } from '../../test/toy-key.ts';
import { setup, type SetupOptions } from '../setup.ts';
import { tailRowsFor, unitsFor } from './budget.ts';
import { DEFAULT_PROOFS, keyShowing, openedRows, portBudget, withPort } from './port.ts';

const { program, weights } = mlp();
const place = { side: 'inputs', index: 0 } as const;
const make = (options: SetupOptions): VerifyingKey =>
  setup(toyEngine(), program, weights, { targetBits: 40, ...options }).key;

describe('what the commitment of a port reserves', () => {
  let roomy: VerifyingKey;
  let own: VerifyingKey;
  beforeAll(() => {
    roomy = make({ logRows: 12 });
    own = make({ shown: { inputs: new Map([['x', 'committed']]) }, proofs: 5 });
  });

  test('pays for the proofs that open it, which follow from its tail', () => {
    for (const uses of [1, 7, 32]) {
      const budget = portBudget(roomy, place, uses);
      expect(budget.units).toBe(uses + 2);
      const tailRows = tailRowsFor(budget, roomy.parameters.registeredSamples);
      const visibility = withPort(roomy.visibility, place, { kind: 'committed', tailRows });
      const { whir } = keyShowing(roomy, visibility).parameters;
      expect(unitsFor(budget, whir.queries[0] ?? 0)).toBe(1);
    }
  });

  test('is what setup was told, where the key commits the port itself: the key serves as it is', () => {
    const budget = portBudget(own, place);
    expect(budget.units).toBe(7);
    const [input] = own.visibility.inputs;
    if (input?.kind !== 'committed') throw new Error('not committed');
    expect(tailRowsFor(budget, own.parameters.registeredSamples)).toBe(input.tailRows);
    expect(budget.rowsPerUse).toBeGreaterThanOrEqual(openedRows(own.parameters));
    expect(keyShowing(own, own.visibility)).toBe(own);
    expect(portBudget(own, place, 2).units).toBe(4);
  });

  test('is for 32 proofs, or for as many as there is room for', () => {
    expect(portBudget(roomy, place).units).toBe(DEFAULT_PROOFS + 2);
    const short = make({ logRows: 9 });
    const { units } = portBudget(short, place);
    expect(units).toBeLessThan(DEFAULT_PROOFS);
    expect(portBudget(short, place, units - 2).units).toBe(units);
    expect(() => portBudget(short, place, units)).toThrow(
      expect.objectContaining({ code: 'ASSAY_USES_TOO_MANY' }),
    );
  });

  test('is nothing in columns that have room for none', () => {
    const tiny = make({ logRows: 5 });
    expect(() => portBudget(tiny, place)).toThrow(/tails of 1 proofs\n0 at most/);
  });
});

describe('a key that shows something else', () => {
  test('says why it cannot be', () => {
    const short = make({ logRows: 5 });
    const hidden = withPort(short.visibility, place, { kind: 'hidden' });
    expect(hidden.inputs).toEqual([{ kind: 'hidden' }]);
    expect(hidden.outputs).toEqual(publicVisibility(program).outputs);
    expect(() => keyShowing(short, hidden)).toThrow(
      expect.objectContaining({
        code: 'ASSAY_PROVE_VISIBILITY',
        details: expect.stringContaining('2^5 rows'),
      }),
    );
    const weightsHidden = { ...hidden, weights: { kind: 'hidden', tailRows: 9 } } as const;
    expect(() => keyShowing(short, weightsHidden)).toThrow(
      expect.objectContaining({ code: 'ASSAY_PROVE_VISIBILITY', details: undefined }),
    );
  });
});
