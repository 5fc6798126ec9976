import {
  deriveTrace,
  LIST,
  TensorTree,
  type TraceProgram,
  TraceTrees,
  paddingViolated,
  violated,
} from '@assay/program/trace';
import { execute } from '@assay/runtime';
import { commitTrace, findFraud } from '@assay/runtime/trace';
import {
  argMaxToy,
  convToy,
  maxPoolToy,
  mlpToy,
  seededDraw,
  softmaxToy,
  type Toy,
  viewsToy,
  wideClampToy,
} from '@assay/runtime/testing';
import { type Submission, ZERO_HASH, hexOf } from '@assay/market';
import { describe, expect, test } from 'vitest';
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

/** The same trees with one element changed. */
function forge({ program, mine }: Bed, list: 2 | 3, tensor: number, at: number): TraceTrees {
  const trees = (id: 2 | 3): TensorTree[] =>
    mine.trees[id].map((tree, i) => {
      const values = tree.values.slice();
      if (id === list && i === tensor) values[at] = (values[at] ?? 0) + 1;
      return new TensorTree(values);
    });
  return new TraceTrees(program.relations, {
    0: mine.trees[0],
    1: mine.trees[1],
    2: trees(LIST.trace),
    3: trees(LIST.output),
  });
}

/** Plays a challenge to its end. */
async function play(
  { program, mine }: Bed,
  theirs: TraceTrees,
  list: 2 | 3,
): Promise<{ evidence: Evidence; dispute: FakeDispute }> {
  const dispute = new FakeDispute(theirs, list);
  const submission: Submission = {
    job: ZERO_HASH,
    provider: AT,
    outputRoot: hexOf(theirs.roots.roots[3]),
    traceRoot: hexOf(theirs.roots.roots[2]),
    proofDigest: ZERO_HASH,
    artefacts: ZERO_HASH,
  };
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
    if (step.kind === 'evidence') return { evidence: step.evidence, dispute };
    if (step.kind === 'stuck') throw new Error(step.reason);
    if (step.kind === 'call') dispute.play(step.call);
    else {
      const answer = answerChallenge(dispute.view, theirs, calls);
      if (answer === null) throw new Error('no answer');
      dispute.play(answer);
    }
  }
  throw new Error('no end');
}

const TOYS: readonly (readonly [string, () => Toy])[] = [
  ['mlp', () => mlpToy(seededDraw(3), [40, 33, 5])],
  ['conv', () => convToy(seededDraw(3))],
  ['max pool', () => maxPoolToy(seededDraw(3))],
  ['arg max', () => argMaxToy(seededDraw(3))],
  ['softmax', () => softmaxToy(seededDraw(3))],
  ['views', () => viewsToy(seededDraw(3))],
  ['wide clamp', () => wideClampToy(seededDraw(3))],
  ['deep mlp', () => mlpToy(seededDraw(5), [12, ...Array.from({ length: 14 }, () => 40), 3])],
];

describe('a data challenge leads to evidence that the contract accepts', () => {
  test.each(TOYS)('%s: whichever tensor is wrong, first element or last', async (_, toy) => {
    const bed = bedOf(toy());
    const { program, mine } = bed;
    let most = 0;
    for (const list of [LIST.trace, LIST.output] as const) {
      for (const [tensor, { values }] of mine.trees[list].entries()) {
        // Of the deep one a third: it is there for its long list.
        if (mine.trees[list].length > 64 && tensor % 3 !== 0) continue;
        for (const at of new Set([0, values.length - 1])) {
          const theirs = forge(bed, list, tensor, at);
          const { evidence, dispute } = await play(bed, theirs, list);
          const lists = theirs.roots;
          const accepted =
            evidence.kind === 'fraud'
              ? violated(lists, evidence.proof)
              : paddingViolated(lists, evidence.proof);
          const name = program.lists[list][tensor]?.name;
          expect(accepted, `${name}[${at}]`).toEqual({ ok: true, value: true });
          most = Math.max(most, dispute.answers);
        }
      }
    }
    const lengths = Math.max(program.lists[2].length, program.lists[3].length);
    const leaves = Math.max(...mine.trees[2].map(({ depth }) => depth), 1);
    expect(most).toBeLessThanOrEqual(Math.ceil(Math.log2(lengths) / 6) + Math.ceil(leaves / 6) + 4);
  });

  test('many wrong tensors at once', async () => {
    const bed = bedOf(mlpToy(seededDraw(5), [12, ...Array.from({ length: 14 }, () => 40), 3]));
    const { mine, program } = bed;
    const draw = seededDraw(11);
    for (let round = 0; round < 12; round++) {
      const trees = mine.trees[2].map((tree) => {
        const values = tree.values.slice();
        if (draw(0, 9) === 0) values[draw(0, values.length - 1)] = draw(-3, 300);
        return new TensorTree(values);
      });
      const theirs = new TraceTrees(program.relations, { ...mine.trees, 2: trees });
      if (hexOf(theirs.lists[2].root) === hexOf(mine.lists[2].root)) continue;
      const { evidence } = await play(bed, theirs, 2);
      expect(evidence.kind === 'fraud' && violated(theirs.roots, evidence.proof)).toEqual({
        ok: true,
        value: true,
      });
    }
  });
});
