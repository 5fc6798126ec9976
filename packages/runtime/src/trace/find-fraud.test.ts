import { elementCount } from '@assay/program';
import {
  deriveTrace,
  describeTraceError,
  type FraudProof,
  fraudProofBytes,
  instances,
  LIST,
  type PaddingProof,
  paddingViolated,
  reads,
  TRACE_LIMITS,
  type TraceProgram,
  TraceTrees,
  TensorTree,
  tableReader,
  tensorKey,
  violated,
} from '@assay/program/trace';
import { deriveTraceWithin } from '@assay/program/trace/testing';
import { describe, expect, it } from 'vitest';
import { execute } from '../index.ts';
import {
  argMaxToy,
  type LyingTrace,
  mlpToy,
  seededDraw,
  softmaxToy,
  TOYS,
  TRACE_LIES,
  TraceLiar,
  wideClampToy,
} from '../testing/index.ts';
import { commitTrace, findFraud, readingInstances, type TreeReader, treeReader } from './index.ts';

const LIES_EACH = 6;

function derive(program: Parameters<typeof deriveTrace>[0], chunk = 1024): TraceProgram {
  const trace = deriveTraceWithin(program, chunk);
  if (!trace.ok) throw new Error(describeTraceError(trace.error));
  return trace.value;
}

/** Checks a proof as a contract does. */
function expectAccepted(
  told: Pick<LyingTrace, 'lists' | 'what'>,
  proof: FraudProof | PaddingProof | null,
) {
  if (proof === null) throw new Error(`${told.what}: nothing found`);
  if ('mention' in proof) {
    expect(paddingViolated(told.lists, proof), told.what).toEqual({ ok: true, value: true });
    return;
  }
  expect(violated(told.lists, proof), told.what).toEqual({ ok: true, value: true });
  expect(fraudProofBytes(proof)).toBeLessThanOrEqual(TRACE_LIMITS.proofBytes);
}

describe.each(
  Object.entries({
    ...TOYS,
    'long sums': (draw: Parameters<typeof mlpToy>[0]) => mlpToy(draw, [2500, 4, 3]),
  }),
)('wrong submissions of %s', (name, toy) => {
  const { program, weights, inputs } = toy(seededDraw(11));
  const trace = derive(program, name === 'long sums' ? 1024 : 4);
  const liar = new TraceLiar(trace, program, weights, inputs, seededDraw(5));

  it.each(TRACE_LIES)('%s', async (lie) => {
    for (let i = 0; i < LIES_EACH; i++) {
      const told = liar.tell(lie);
      if (told === null) {
        // Not every program has prefix sums, maxima or digits.
        expect(['prefix', 'tie']).toContain(lie);
        return;
      }
      expectAccepted(told, await findFraud(trace, liar.honest, told.reader));
    }
  });
});

describe('findFraud', () => {
  const { program, weights } = argMaxToy(seededDraw(1));
  const trace = derive(program);
  // Two maxima in the first row.
  const inputs = new Map([[0, Int32Array.of(2, -1, 2, 0, 1, 0)]]);
  const run = execute(program, weights, inputs, null);
  const mine = commitTrace(trace, program, weights, run);

  function indexOf(name: string): { list: 2 | 3; index: number } {
    for (const list of [LIST.trace, LIST.output] as const) {
      const index = trace.lists[list].findIndex((tensor) => tensor.name === name);
      if (index >= 0) return { list, index };
    }
    throw new Error(`no tensor ${name}`);
  }

  function submit(changes: Readonly<Record<string, readonly number[]>>): TraceTrees {
    const trees = { 2: [...mine.trees[2]], 3: [...mine.trees[3]] };
    for (const [name, values] of Object.entries(changes)) {
      const { list, index } = indexOf(name);
      trees[list][index] = new TensorTree(Int32Array.from(values));
    }
    return new TraceTrees(trace.relations, { ...mine.trees, ...trees });
  }

  it('finds the later of two equal maxima, all else consistent', async () => {
    expect([...(run.get(1) ?? [])]).toEqual([1, 0, 0, 0, 1, 0]);
    const later = indexOf('argmax/sum');
    const bits = mine.trees[later.list][later.index];
    // Σ of later bits: 1 before the second maximum.
    expect([...(bits?.values ?? [])]).toEqual([0, 0, 0, 1, 0, 0]);
    const theirs = submit({
      hot: [0, 0, 1, 0, 1, 0],
      'argmax/sum': [1, 1, 0, 1, 0, 0],
      index: [2, 1],
    });
    const proof = await findFraud(trace, mine, treeReader(theirs));
    expectAccepted({ lists: theirs.roots, what: 'later maximum' }, proof);
    if (proof === null || 'mention' in proof) throw new Error('expected a violated relation');
    // maximum − x − later bits >= 0 at the first maximum.
    expect(trace.relations[proof.relation.index]?.kind).toBe('range');
    expect(proof.element).toBe(0n);
  });

  it('reads only where roots differ', async () => {
    const theirs = submit({ index: [0, 2] });
    const served = treeReader(theirs);
    const asked: string[] = [];
    const note = <T>(what: string, found: Promise<T>): Promise<T> => {
      asked.push(what);
      return found;
    };
    const reader: TreeReader = {
      root: (list) => served.root(list),
      listNode: (list, level, at) => note(`list ${list}`, served.listNode(list, level, at)),
      node: (list, tensor, level, at) => note(`node ${list}`, served.node(list, tensor, level, at)),
      leaf: (list, tensor, leaf) => note(`leaf ${list} ${tensor}`, served.leaf(list, tensor, leaf)),
    };
    expectAccepted({ lists: theirs.roots, what: 'index' }, await findFraud(trace, mine, reader));
    expect(asked).toEqual(['leaf 3 0']);
  });

  it('reads nothing of an equal submission', async () => {
    const refuse = (): never => {
      throw new Error('was asked');
    };
    const served = treeReader(mine);
    const reader = { root: served.root, listNode: refuse, node: refuse, leaf: refuse };
    expect(await findFraud(trace, mine, reader)).toBeNull();
  });

  it('says when what is served does not lead to the root', async () => {
    const long = mlpToy(seededDraw(2), [40, 70, 3]);
    const deep = derive(long.program);
    const own = commitTrace(
      deep,
      long.program,
      long.weights,
      execute(long.program, long.weights, long.inputs, null),
    );
    const at = deep.lists[LIST.trace].findIndex(({ name }) => name === 'dense0.rem');
    const values = Int32Array.from(own.trees[2][at]?.values ?? []);
    values[40] = (values[40] ?? 0) ^ 1;
    const theirs = new TraceTrees(deep.relations, {
      ...own.trees,
      2: own.trees[2].with(at, new TensorTree(values)),
    });
    const reader = treeReader(theirs);
    expectAccepted({ lists: theirs.roots, what: 'rem' }, await findFraud(deep, own, reader));
    const spoilt: readonly TreeReader[] = [
      { ...reader, listNode: () => Promise.resolve(new Uint8Array(32)) },
      { ...reader, node: () => Promise.resolve(new Uint8Array(32)) },
      { ...reader, leaf: () => Promise.resolve(new Uint8Array(128)) },
      { ...reader, leaf: () => Promise.resolve(new Uint8Array(0)) },
      { ...reader, root: () => Promise.resolve(new Uint8Array(31)) },
    ];
    for (const bad of spoilt)
      await expect(findFraud(deep, own, bad)).rejects.toMatchObject({
        code: 'ASSAY_TRACE_DATA',
      });
  });

  it('is not kept busy by a lie that is everywhere and violates nothing where it is first seen', async () => {
    const wide = mlpToy(seededDraw(2), [6, 4000, 3]);
    const deep = derive(wide.program);
    const own = commitTrace(
      deep,
      wide.program,
      wide.weights,
      execute(wide.program, wide.weights, wide.inputs, null),
    );
    const names = deep.lists[LIST.trace].map(({ name }) => name);
    const rescale = deep.relations.find(
      (r) =>
        r.kind === 'einsum' &&
        r.claim.terms.some(({ view }) => names[view.tensor.index] === 'dense0.hi'),
    );
    if (rescale?.kind !== 'einsum') throw new Error('no rescale');
    const unit = Math.max(...rescale.claim.terms.map(({ coefficient }) => Math.abs(coefficient)));
    // The same numbers by other digits, all of them.
    const shifted = own.trees[2].map((tree, index) =>
      names[index] === 'dense0.hi'
        ? new TensorTree(tree.values.map((v) => v + 1))
        : names[index] === 'dense0.rem'
          ? new TensorTree(tree.values.map((v) => v - unit))
          : tree,
    );
    const theirs = new TraceTrees(deep.relations, { ...own.trees, 2: shifted });
    const served = treeReader(theirs);
    let asked = 0;
    const count = <T>(answer: Promise<T>): Promise<T> => {
      asked += 1;
      return answer;
    };
    const proof = await findFraud(deep, own, {
      root: served.root,
      listNode: (list, level, at) => count(served.listNode(list, level, at)),
      node: (list, tensor, level, at) => count(served.node(list, tensor, level, at)),
      leaf: (list, tensor, leaf) => count(served.leaf(list, tensor, leaf)),
    });
    expectAccepted({ lists: theirs.roots, what: 'digits everywhere' }, proof);
    expect(asked).toBeLessThan(60);
  });

  it("says when it is one's own values that are wrong", async () => {
    const wrong = submit({ index: [2, 2] });
    await expect(findFraud(trace, wrong, treeReader(mine))).rejects.toMatchObject({
      code: 'ASSAY_TRACE_AMBIGUOUS',
    });
  });
});

describe('readingInstances', () => {
  it('names every instance that reads an element', () => {
    for (const toy of [
      softmaxToy,
      wideClampToy,
      TOYS['views'],
      TOYS['conv strided dilated padded'],
    ]) {
      if (toy === undefined) throw new Error('no such toy');
      const { program, weights, inputs } = toy(seededDraw(9));
      const trace = derive(program, 4);
      const run = execute(program, weights, inputs, null);
      const { trees } = commitTrace(trace, program, weights, run);
      const read = (ref: { list: 0 | 1 | 2 | 3; index: number }, position: number): number =>
        trees[ref.list][ref.index]?.values[position] ?? 0;
      for (const relation of trace.relations) {
        const readers = new Map<string, Set<number>>();
        for (let element = 0; element < instances(relation); element++)
          for (const { tensor, position } of reads(relation, element, read)) {
            const key = `${tensorKey(tensor)} ${position}`;
            readers.set(key, (readers.get(key) ?? new Set()).add(element));
          }
        for (const tensor of [...trace.lists[LIST.trace], ...trace.lists[LIST.output]]) {
          for (let position = 0; position < elementCount(tensor.dims); position++) {
            const expected = readers.get(`${tensorKey(tensor)} ${position}`) ?? new Set();
            const found = new Set(readingInstances(relation, tensor, position, tableReader(trace)));
            // A product with a factor outside its tensor reads neither.
            for (const element of expected) expect(found.has(element)).toBe(true);
          }
        }
      }
    }
  });
});
