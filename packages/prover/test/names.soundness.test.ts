import { type K, P } from '@assay/core/field';
import { registeredPoints } from '@assay/core/pcs';
import { answerOutOfDomain } from '@assay/core/pcs/prover';
import { seededRandomness } from '@assay/core/testing';
import { roundDeclared } from '@assay/program';
import { seededDraw } from '@assay/runtime/testing';
import {
  type CommittedValues,
  prepareRenewal,
  type Renewal,
  tailBinding,
  verifyPrepared,
  verifyRenewal,
} from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { commitTensor } from '../src/commitments/index.ts';
import { type ProvingKey, proveWitness, type RenewedValues, setup } from '../src/index.ts';
import { fillColumns, writeTails } from '../src/witness/columns.ts';
import { claimedRun } from './liar.ts';
import { batchToy } from './programs.ts';
import { HIDDEN_WEIGHTS, PROOFS, proveToy, toyEngine, toyKey, withKey } from './toy-key.ts';

/** What the names of static roots stand for: one layout, and one polynomial in each proof that opens them. */

const engine = toyEngine();
const toy = batchToy(seededDraw(31));

function wrongAt({ root, yReg }: CommittedValues, i: number): CommittedValues {
  const change = (y: K): K => [(y[0] + 1) % P, y[1], y[2], y[3], y[4]];
  return { root, yReg: yReg.map((y, j) => (j === i ? change(y) : y)) };
}

test('the name of a private model in other tails', () => {
  const key = toyKey(engine, toy.program, toy.weights, { profile: HIDDEN_WEIGHTS });
  const { layout, key: own } = key.argument;
  const { whir, registeredSamples } = own.parameters;
  const { tailRows, columns } = layout.model;
  const { trace } = proveToy(engine, key, toy);

  /** The same columns, of which more or fewer rows are called tail. */
  const told = (rows: number): string => {
    const mark = engine.mark();
    const filled = fillColumns(engine, toy.program, layout, layout.model, toy.weights);
    writeTails(engine, filled, tailRows, key.tails ?? new Int32Array());
    const from = 2 ** layout.logRows - rows;
    const tails = Int32Array.from(
      filled.flatMap((column) => Array.from(engine.ints(column).slice(from))),
    );
    const shape = {
      root: own.model.root,
      logRows: whir.logRows,
      logInverseRate: whir.logInverseRates[0] ?? 0,
      columns,
      binding: tailBinding({ ...layout.model, tailRows: rows }),
    };
    const answers = registeredPoints(shape, registeredSamples).map(
      (z) => answerOutOfDomain(engine, filled, z).y,
    );
    engine.release(mark);
    const visibility = { ...own.visibility, weights: { kind: 'hidden', tailRows: rows } as const };
    // The name is the honest one's; the answers of these tails would be another's.
    expect(answers.join() === own.model.yReg.join()).toBe(rows === tailRows);
    const forger = { ...withKey(key, { visibility }), tails };
    const { statement, witness } = claimedRun(engine, forger, trace);
    const proof = proveWitness(engine, forger, statement, witness);
    const found = verifyPrepared(forger.argument, statement, proof);
    if (found.ok) return 'accepted';
    return found.error.kind === 'proof/opening' ? found.error.error.kind : found.error.kind;
  };
  expect(told(tailRows)).toBe('accepted');
  expect(told(tailRows + 1)).toBe('whir/final-claim');
  expect(told(tailRows + 5)).toBe('whir/final-claim');
});

describe('a renewal with a wrong registered answer', () => {
  /** `proveRenewal` of whatever it is: it hands out only what verifies. */
  function attempt(renewal: Renewal, { renewed, earlier, values }: RenewedValues): string {
    const prepared = prepareRenewal(renewal);
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.error));
    const { argument, statement } = prepared.value;
    const weights = new Map([...values, ...values].entries());
    const key: ProvingKey = { argument, weights, ...renewed, earlier };
    const proof = proveWitness(engine, key, statement, { trace: new Map() });
    const found = verifyRenewal(renewal, proof);
    if (found.ok) return 'accepted';
    return found.error.kind === 'proof/opening' ? found.error.error.kind : found.error.kind;
  }

  test('of a private model', () => {
    const shown = { weights: 'hidden' as const };
    const [first, second] = [1, 2].map(() =>
      setup(engine, roundDeclared(toy.program), toy.weights, {
        targetBits: 20,
        shown,
        proofs: PROOFS,
        logRows: 9,
      }),
    );
    if (!first?.secrets || !second?.secrets) throw new Error('no secrets');
    const roots = {
      renewed: { tree: second.commitment.opened, tails: second.secrets.tails },
      earlier: { tree: first.commitment.opened, tails: first.secrets.tails },
      values: [...toy.weights.values()],
    };
    const renewal = (earlier: CommittedValues, renewed: CommittedValues): Renewal => ({
      of: 'model',
      earlier: { ...first.key, model: earlier },
      renewed: { ...second.key, model: renewed },
    });
    const [old, own] = [first.key.model, second.key.model];
    expect(attempt(renewal(old, own), roots)).toBe('accepted');
    for (const i of old.yReg.keys()) {
      expect(attempt(renewal(wrongAt(old, i), own), roots)).toBe('whir/final-claim');
      expect(attempt(renewal(old, wrongAt(own, i)), roots)).toBe('whir/final-claim');
    }
  });

  test('of a committed tensor', () => {
    const values = Int32Array.of(5, -7, 2 ** 20, 0, 1, 2);
    const commit = (seed: number) =>
      commitTensor(
        engine,
        {
          values,
          shape: [2, 3],
          logRows: 9,
          logInverseRate: 3,
          registeredSamples: 2,
          uses: 2,
          rowsPerUse: 40,
        },
        seededRandomness(seed),
      );
    const [before, after] = [commit(1), commit(2)];
    const roots = {
      renewed: { tree: after.opened.tree, tails: after.opening.tails },
      earlier: { tree: before.opened.tree, tails: before.opening.tails },
      values: [values],
    };
    const renewal = (earlier: CommittedValues, renewed: CommittedValues): Renewal => ({
      of: 'tensor',
      earlier: { ...before.opening.commitment, ...earlier },
      renewed: { ...after.opening.commitment, ...renewed },
      targetBits: 20,
    });
    const [old, own] = [before.opened.name, after.opened.name];
    expect(attempt(renewal(old, own), roots)).toBe('accepted');
    for (const i of old.yReg.keys()) {
      expect(attempt(renewal(wrongAt(old, i), own), roots)).toBe('whir/final-claim');
      expect(attempt(renewal(old, wrongAt(own, i)), roots)).toBe('whir/final-claim');
    }
  });
});
