import type { Program, Weights } from '@assay/program';
import { describeTraceError, deriveTrace } from '@assay/program/trace';
import { execute } from '@assay/runtime';
import {
  along,
  form,
  functionTable,
  ProgramBuilder,
  product,
  seededDraw,
  mlpToy,
  term,
} from '@assay/runtime/testing';
import { commitTrace } from '@assay/runtime/trace';
import { describe, expect, it } from 'vitest';
import { ZERO_HASH } from '../hex.ts';
import { deriveRecord, describeRefusal } from './derive-record.ts';

const TERMS = 2048;
const LEAST = 2 ** 15;
const WEIGHT = 2 ** 10;
const REACH = 2 ** 22;

/** y = Σ w·x for x in [2^15, 2^15 + 1]: sums far beyond int32 that cancel, if weights make them. */
function cancelling(): Program {
  const b = new ProgramBuilder('cancelling');
  b.node('dense', 'Gemm');
  const x = b.input('x', [TERMS], { lo: LEAST, hi: LEAST + 1 });
  const w = b.model('w', [TERMS], { lo: -WEIGHT, hi: WEIGHT });
  const y = b.output('y', [], { lo: -2, hi: 2 });
  b.rescale({
    dims: [],
    products: [product(form([term(x, [along(0)])]), form([term(w, [along(0)])]), [TERMS])],
    shift: 10,
    accumulator: { lo: -REACH, hi: REACH },
    declared: { lo: -REACH, hi: REACH },
    activation: (v) => Math.sign(v),
    output: y,
  });
  return b.build();
}

function weightsOf(program: Program, value: (i: number) => number): Weights {
  const id = program.tensors.findIndex(({ role }) => role === 'model');
  return new Map([[id, Int32Array.from({ length: TERMS }, (_, i) => value(i))]]);
}

function record(program: Program, weights: Weights) {
  return deriveRecord({ program, weights, key: null });
}

/** A node that derives a record locks jobs of the model: what it derives must be fit for every input. */
describe('a record has trace evidence only if every run can be committed', () => {
  const program = cancelling();
  const inputs = new Map([[0, new Int32Array(TERMS).fill(LEAST)]]);

  it('takes weights whose sums stay inside int32 on the way', () => {
    const weights = weightsOf(program, (i) => (i % 2 === 0 ? 32 : -32));
    const { trace, refusal } = record(program, weights);
    expect(refusal).toBeNull();
    if (trace === null) throw new Error('no trace');
    commitTrace(trace, program, weights, execute(program, weights, inputs, null));
  });

  it('refuses weights with which the honest trace of some input is no int32', () => {
    const weights = weightsOf(program, (i) => (i < TERMS / 2 ? WEIGHT : -WEIGHT));
    const trace = deriveTrace(program);
    if (!trace.ok) throw new Error(describeTraceError(trace.error));
    const run = execute(program, weights, inputs, null);
    expect([...(run.get(2) ?? [])]).toEqual([0]);
    expect(() => commitTrace(trace.value, program, weights, run)).toThrow('outside');

    const derived = record(program, weights);
    expect(derived.trace).toBeNull();
    expect(describeRefusal(derived)).toContain('int32');
    expect(derived.record).toMatchObject({ relationsRoot: ZERO_HASH, constantsRoot: ZERO_HASH });
  });

  it('refuses weights that are not what the program declares', () => {
    const { program: mlp, weights } = mlpToy(seededDraw(1));
    expect(record(mlp, weights).refusal).toBeNull();
    const [id, first] = [...weights][0] ?? [0, new Int32Array()];
    const wrong = new Map([...weights, [id, first.with(0, 8)]]);
    expect(record(mlp, wrong).trace).toBeNull();
  });
});

describe('a trace without tensors', () => {
  it('is no evidence: its root is 0, which no submission may have', () => {
    const b = new ProgramBuilder('relu');
    b.node('relu', 'Relu');
    const x = b.input('x', [5], { lo: -8, hi: 7 });
    const y = b.output('y', [5], { lo: 0, hi: 7 });
    const relu = functionTable('relu', { lo: -8, hi: 7 }, (v) => Math.max(v, 0));
    b.apply(b.wholeForm(x), [5], relu, y);
    const program = b.build();
    expect(deriveTrace(program).ok).toBe(true);
    const derived = record(program, new Map());
    expect(derived.trace).toBeNull();
    expect(describeRefusal(derived)).toContain('no tensors');
    expect(derived.record).toMatchObject({ traces: 0, constantsRoot: ZERO_HASH });
  });
});
