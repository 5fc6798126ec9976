import {
  deriveTrace,
  LIST,
  TensorTree,
  type TraceProgram,
  TraceTrees,
  violated,
} from '@assay/program/trace';
import { deriveTraceWithin } from '@assay/program/trace/testing';
import { execute } from '@assay/runtime';
import { commitTrace, findFraud } from '@assay/runtime/trace';
import { argMaxToy, mlpToy, seededDraw, type Toy, TOYS } from '@assay/runtime/testing';
import { hexOf, ZERO_HASH } from '@assay/market';
import { describe, expect, it } from 'vitest';
import { answerChallenge, DisputeCalls, type Evidence } from '../disputes/index.ts';
import { FakeDispute } from '../testing/fake-disputes.ts';
import { challengeStep } from './challenge.ts';

const AT = '0x00000000000000000000000000000000000000aa';
const calls = new DisputeCalls({
  chainId: 1,
  fromBlock: 0n,
  market: AT,
  disputes: AT,
  models: AT,
  providers: AT,
  token: AT,
});

interface Bed {
  readonly program: TraceProgram;
  readonly mine: TraceTrees;
}

function bedOf({ program, weights, inputs }: Toy): Bed {
  const trace = deriveTrace(program);
  if (!trace.ok) throw new Error(JSON.stringify(trace.error));
  const values = execute(program, weights, inputs, null);
  return { program: trace.value, mine: commitTrace(trace.value, program, weights, values) };
}

type Change = readonly [tensor: string, at: number, value: (honest: number) => number];

/** The honest trees but for these elements of trace or output. */
function forge({ program, mine }: Bed, changes: readonly Change[]): TraceTrees {
  const trees = (list: 2 | 3): TensorTree[] =>
    mine.trees[list].map((tree, i) => {
      const name = program.lists[list][i]?.name;
      const own = changes.filter(([tensor]) => tensor === name);
      if (own.length === 0) return tree;
      const values = tree.values.slice();
      for (const [, at, value] of own) values[at] = value(values[at] ?? 0);
      return new TensorTree(values);
    });
  return new TraceTrees(program.relations, {
    ...mine.trees,
    2: trees(LIST.trace),
    3: trees(LIST.output),
  });
}

/** A provider that serves nothing over HTTP and answers every challenge: what is shown has to suffice. */
async function play({ program, mine }: Bed, theirs: TraceTrees, list: 2 | 3): Promise<Evidence> {
  const dispute = new FakeDispute(theirs, list);
  const submission = {
    job: ZERO_HASH,
    provider: AT,
    outputRoot: hexOf(theirs.roots.roots[3]),
    traceRoot: hexOf(theirs.roots.roots[2]),
    proofDigest: ZERO_HASH,
    artefacts: ZERO_HASH,
  } as const;
  for (let round = 0; round < 40; round++) {
    const step = await challengeStep({
      challenge: dispute.view,
      submission,
      mine,
      program,
      calls,
      findFraud: async (shown, first) => {
        const proof = await findFraud(program, mine, shown, first);
        if (proof === null) return null;
        return 'relation' in proof ? { kind: 'fraud', proof } : { kind: 'padding', proof };
      },
    });
    if (step.kind === 'evidence') return step.evidence;
    if (step.kind === 'stuck') throw new Error(step.reason);
    const call = step.kind === 'call' ? step.call : answerChallenge(dispute.view, theirs, calls);
    if (call === null) throw new Error('no answer');
    dispute.play(call);
  }
  throw new Error('no end');
}

async function expectProven(bed: Bed, changes: readonly Change[]): Promise<void> {
  const theirs = forge(bed, changes);
  const evidence = await play(bed, theirs, LIST.trace);
  if (evidence.kind !== 'fraud') throw new Error(evidence.kind);
  expect(violated(theirs.roots, evidence.proof)).toEqual({ ok: true, value: true });
}

function isNamed(
  { program }: Bed,
  { tensor }: { readonly tensor: { readonly list: number; readonly index: number } },
  name: string,
): boolean {
  return tensor.list === LIST.trace && program.lists[LIST.trace][tensor.index]?.name === name;
}

/** 2^s of the rescale of a layer. */
function unitOf(bed: Bed, hi: string): number {
  for (const relation of bed.program.relations) {
    if (relation.kind !== 'einsum' && relation.kind !== 'linear') continue;
    const { terms } = relation.kind === 'einsum' ? relation.claim : relation.form;
    const term = terms.find(({ view }) => isNamed(bed, view, hi));
    if (term !== undefined && terms.length > 1) return Math.abs(term.coefficient);
  }
  throw new Error(`no rescale of ${hi}`);
}

describe('a withheld lie that is spread over its definition group', () => {
  it('digits of the same number: no relation that reads the first wrong tensor is violated', async () => {
    const bed = bedOf(mlpToy(seededDraw(3), [40, 33, 5]));
    const unit = unitOf(bed, 'dense0.hi');
    for (const at of [0, 32])
      await expectProven(bed, [
        ['dense0.hi', at, (v) => v + 1],
        ['dense0.rem', at, (v) => v - unit],
      ]);
  });

  it('the later of two maxima', async () => {
    const { program, weights } = argMaxToy(seededDraw(1));
    const inputs = new Map([[0, Int32Array.of(2, -1, 2, 0, 1, 0)]]);
    const bed = bedOf({ program, weights, inputs });
    const all = (name: string, values: readonly number[]): Change[] =>
      values.map((value, at) => [name, at, () => value]);
    await expectProven(bed, [
      ...all('hot', [0, 0, 1, 0, 1, 0]),
      ...all('argmax/sum', [1, 1, 0, 1, 0, 0]),
      ...all('index', [2, 1]),
    ]);
  });
});

describe('a withheld lie among more tensors than one answer shows', () => {
  const bed = bedOf(mlpToy(seededDraw(5), [1100, ...Array.from({ length: 24 }, () => 40), 3]));
  const { program, mine } = bed;
  const names = program.lists[LIST.trace].map(({ name }) => name);
  const later = (first: string): Change[] => {
    const rank = (name: string): number =>
      program.groups.findIndex(({ tensors }) =>
        tensors.some(({ list, index }) => program.lists[list][index]?.name === name),
      );
    const from = rank(first);
    return names.flatMap((name, index): Change[] =>
      rank(name) <= from
        ? []
        : [[name, (mine.trees[2][index]?.values.length ?? 1) - 1, (v: number) => v + 1]],
    );
  };

  it('has such a list', () => {
    expect(names.length).toBeGreaterThan(64);
    expect(names).toContain('dense0/prefix');
  });

  it.each(['dense0/prefix', 'dense0.hi', 'dense3.out', 'dense20.rem'])(
    'in %s, and in all that is found later',
    async (name) => {
      await expectProven(bed, [[name, 3, (v) => v + 1], ...later(name)]);
    },
  );

  it('in digits of the same number, and in all that is found later', async () => {
    const unit = unitOf(bed, 'dense7.hi');
    await expectProven(bed, [
      ['dense7.hi', 35, (v) => v + 1],
      ['dense7.rem', 35, (v) => v - unit],
      ...later('dense7.rem'),
    ]);
  });
});

describe.each(Object.entries(TOYS))('withheld lies about %s', (_, toy) => {
  it('in a group, and in all that is found later', async () => {
    const draw = seededDraw(23);
    const { program: source, weights, inputs } = toy(draw);
    const derived = deriveTraceWithin(source, 4);
    if (!derived.ok) throw new Error(JSON.stringify(derived.error));
    const program = derived.value;
    const run = execute(source, weights, inputs, null);
    const bed = { program, mine: commitTrace(program, source, weights, run) };
    for (let round = 0; round < 12; round++) {
      const first = draw(0, program.groups.length - 1);
      const garbled = program.groups
        .slice(first)
        .flatMap(({ tensors }, i) => tensors.filter(() => i === 0 || draw(0, 2) > 0));
      const spoil = (list: 2 | 3): TensorTree[] =>
        bed.mine.trees[list].map((tree, index) => {
          if (!garbled.some((t) => t.list === list && t.index === index)) return tree;
          const values = tree.values.slice();
          for (let i = 0; i < 3; i++) {
            const at = draw(0, values.length - 1);
            values[at] = (values[at] ?? 0) + draw(-1, 1);
          }
          return new TensorTree(values);
        });
      const theirs = new TraceTrees(program.relations, {
        ...bed.mine.trees,
        2: spoil(LIST.trace),
        3: spoil(LIST.output),
      });
      const differs = (list: 2 | 3): boolean =>
        hexOf(theirs.lists[list].root) !== hexOf(bed.mine.lists[list].root);
      if (!differs(LIST.trace) && !differs(LIST.output)) continue;
      const list = differs(LIST.trace) ? LIST.trace : LIST.output;
      const evidence = await play(bed, theirs, list);
      if (evidence.kind !== 'fraud') throw new Error(evidence.kind);
      expect(violated(theirs.roots, evidence.proof)).toEqual({ ok: true, value: true });
    }
  });
});
