import { mlpToy, seededDraw } from '@assay/runtime/testing';
import { describe, expect, test } from 'vitest';
import { ZERO_HASH } from '../hex.ts';
import { modelId } from '../jobs/index.ts';
import { deriveRecord, describeRefusal, recordDifferences, withProvenance } from './index.ts';

const toy = mlpToy(seededDraw(5));
const { program, weights } = toy;

describe('a record', () => {
  test('follows from program and weights, and every one of them changes it', () => {
    const model = deriveRecord({ program, weights, key: null });
    expect(deriveRecord({ program, weights, key: null }).record).toEqual(model.record);
    expect([model.refusal, describeRefusal(model)]).toEqual([null, null]);
    const other = new Map([...weights].map(([id, values]) => [id, values.map(() => 0)]));
    const changed = deriveRecord({ program, weights: other, key: null });
    expect(recordDifferences(changed.record, withProvenance(model.record))).toEqual([
      'constantsRoot',
    ]);
    const renamed = deriveRecord({ program: { ...program, name: 'x' }, weights, key: null });
    expect(recordDifferences(renamed.record, withProvenance(model.record))).toContain(
      'programDigest',
    );
    const ids = [model, changed, renamed].map(({ record }) => modelId(withProvenance(record)));
    expect(new Set(ids).size).toBe(3);
  });

  test('has sizes of ports packed, the first in the lowest bits', () => {
    const { record } = deriveRecord({ program, weights, key: null });
    expect([record.inputs, record.inputSizes]).toEqual([1, 6n]);
    expect([record.outputs, record.outputSizes]).toEqual([1, 3n]);
  });

  test('of weights with which a run leaves its ranges has no trace', () => {
    const wild = new Map([...weights].map(([id, values]) => [id, values.map((v) => v ^ 1)]));
    const model = deriveRecord({ program, weights: wild, key: null });
    expect(model.record).toMatchObject({ relationsRoot: ZERO_HASH, constantsRoot: ZERO_HASH });
    expect(describeRefusal(model)).toMatch(/weights|range/i);
  });

  test('of hidden weights has no trace', () => {
    const model = deriveRecord({ program, weights: null, key: null });
    expect(model.record).toMatchObject({ relationsRoot: ZERO_HASH, constantsRoot: ZERO_HASH });
    expect([model.trace, describeRefusal(model)]).toEqual([null, 'weights are hidden']);
  });

  test('has room for eight ports', () => {
    const [port] = program.inputs;
    if (port === undefined) throw new Error('no port');
    const many = { ...program, inputs: Array.from({ length: 9 }, () => port) };
    expect(() => deriveRecord({ program: many, weights: null, key: null })).toThrow(
      expect.objectContaining({ code: 'ASSAY_RECORD_PORTS' }),
    );
  });
});
