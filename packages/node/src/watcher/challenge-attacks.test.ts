import {
  deriveTrace,
  LIST,
  TensorTree,
  type TraceProgram,
  TraceTrees,
  violated,
} from '@assay/program/trace';
import { execute } from '@assay/runtime';
import { commitTrace, findFraud } from '@assay/runtime/trace';
import { argMaxToy, mlpToy, seededDraw, softmaxToy, type Toy } from '@assay/runtime/testing';
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

describe('a withheld lie that is spread over its definition group', () => {
  it('digits of the same number: no relation that reads the first wrong tensor is violated', async () => {
    const bed = bedOf(mlpToy(seededDraw(3), [40, 33, 5]));
    const { program } = bed;
    const [zero] = program.relations.filter(
      (r) =>
        r.kind === 'einsum' && r.claim.terms.some(({ view }) => isNamed(bed, view, 'dense0.hi')),
    );
    if (zero?.kind !== 'einsum') throw new Error('no rescale');
    const unit = Math.abs(
      zero.claim.terms.find(({ view }) => isNamed(bed, view, 'dense0.hi'))?.coefficient ?? 0,
    );
    for (const at of [0, 32])
      await expectProven(bed, [
        ['dense0.hi', at, (v) => v + 1],
        ['dense0.rem', at, (v) => v - unit],
      ]);
  });
});

function isNamed(
  { program }: Bed,
  { tensor }: { readonly tensor: { readonly list: number; readonly index: number } },
  name: string,
): boolean {
  return program.lists[2][tensor.index]?.name === name && tensor.list === 2;
}

void argMaxToy;
void softmaxToy;
