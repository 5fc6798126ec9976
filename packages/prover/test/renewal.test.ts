import { createEngine } from '@assay/core/engine';
import { createWasmExecutor } from '@assay/core/engine/wasm';
import { platformRandomness } from '@assay/core/randomness';
import { roundDeclared } from '@assay/program';
import { prepareRenewal, prepareVerification, type Renewal, verifyRenewal } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { commitTensor, detachTree } from '../src/commitments/index.ts';
import {
  proveRenewal,
  proveWitness,
  type RenewedRoot,
  type RenewedValues,
  renewalRows,
  type Setup,
  setup,
} from '../src/index.ts';
import { mlp } from './fixtures.ts';

const engine = createEngine(createWasmExecutor());
const { program: exact, weights } = mlp([5, 7, 3]);
const program = roundDeclared(exact);
const other = mlp([5, 6, 3], 8);
const shown = { weights: 'hidden' as const };
const first = setup(engine, program, weights, { targetBits: 60, proofs: 2, logRows: 9, shown });
const { whir } = first.key.parameters;
const fixed = {
  logRows: whir.logRows,
  logInverseRate: whir.logInverseRates[0],
  targetBits: 60,
  shown,
};
const again = (proofs: number, own = weights): Setup =>
  setup(engine, program, own, { ...fixed, proofs });
const rootOf = ({ commitment, secrets }: Setup): RenewedRoot => ({
  tree: detachTree(engine, commitment),
  tails: secrets?.tails ?? new Int32Array(0),
});
const renewalOf = (renewed: Setup): Renewal => ({
  of: 'model',
  earlier: first.key,
  renewed: renewed.key,
});
const values = [...weights.values()];

/** What a prover makes that does not care whether it holds; the one that does refuses. */
function forged(renewal: Renewal, { renewed, earlier, values: own }: RenewedValues): Uint8Array {
  expect(() => proveRenewal(engine, renewal, { renewed, earlier, values: own })).toThrow(
    expect.objectContaining({ code: 'ASSAY_PROVE_STATEMENT' }),
  );
  const made = prepareRenewal(renewal);
  if (!made.ok) throw new Error(made.error.kind);
  const { argument, statement } = made.value;
  const both = new Map([...own, ...own].entries());
  const key = { argument, weights: both, ...renewed, earlier };
  return proveWitness(engine, key, statement, { trace: new Map() });
}

describe('a private model', () => {
  test.each([2, 3])('has a fresh root for %d proofs that holds the same weights', (proofs) => {
    const second = again(proofs);
    expect(second.key.model.root).not.toEqual(first.key.model.root);
    const renewal = renewalOf(second);
    const roots = { renewed: rootOf(second), earlier: rootOf(first), values };
    const proof = proveRenewal(engine, renewal, roots);
    expect(verifyRenewal(renewal, proof)).toMatchObject({ ok: true });
    expect(renewalRows(renewal)).toBeLessThanOrEqual(first.secrets?.rowsPerUse ?? 0);
    expect(prepareVerification(second.key)).toMatchObject({ ok: true });
    // Neither root can be exchanged for another one, nor the two for each other.
    const other = again(proofs);
    for (const wrong of [
      { ...renewal, renewed: other.key },
      { ...renewal, earlier: other.key },
      { ...renewal, earlier: second.key, renewed: first.key },
    ]) {
      expect(verifyRenewal(wrong, proof)).toMatchObject({ ok: false });
    }
  });

  test('with another weight anywhere is none', () => {
    for (const [id, original] of weights) {
      const changed = original.slice();
      changed[changed.length - 1] = (changed.at(-1) ?? 0) === 0 ? 1 : 0;
      const second = again(2, new Map([...weights, [id, changed]]));
      const renewal = renewalOf(second);
      const { argument } = { argument: second.key };
      expect(argument.model.root).not.toEqual(first.key.model.root);
      const roots = { renewed: rootOf(second), earlier: rootOf(first), values };
      expect(verifyRenewal(renewal, forged(renewal, roots))).toMatchObject({ ok: false });
    }
  });

  test.each([
    [
      'of another program',
      () =>
        renewalOf(
          setup(engine, roundDeclared(other.program), other.weights, {
            ...fixed,
            proofs: 2,
          }),
        ),
    ],
    [
      'whose weights are public',
      () => renewalOf(setup(engine, program, weights, { ...fixed, shown: {} })),
    ],
    [
      'of another column length',
      () =>
        renewalOf(
          setup(engine, program, weights, { ...fixed, logRows: whir.logRows + 1, proofs: 2 }),
        ),
    ],
  ])('is refused before anything is proven: a root %s', (_, renewal) => {
    expect(verifyRenewal(renewal(), new Uint8Array(0))).toEqual({
      ok: false,
      error: { kind: 'proof/renewal' },
    });
  });
});

describe('a committed tensor', () => {
  const commit = (own: Int32Array, uses: number, shape: readonly number[] = [own.length]) =>
    commitTensor(
      engine,
      {
        values: own,
        shape,
        logRows: 10,
        logInverseRate: 3,
        registeredSamples: 2,
        uses,
        rowsPerUse: 60,
      },
      platformRandomness(),
    );
  const own = Int32Array.of(5, -7, 2 ** 31 - 1, -(2 ** 31), 0);
  const before = commit(own, 3);
  const renewalTo = (after: ReturnType<typeof commit>): Renewal => ({
    of: 'tensor',
    earlier: before.opening.commitment,
    renewed: after.opening.commitment,
    targetBits: 60,
  });
  const rootsOf = (after: ReturnType<typeof commit>): RenewedValues => ({
    renewed: { tree: after.opened.tree, tails: after.opening.tails },
    earlier: { tree: before.opened.tree, tails: before.opening.tails },
    values: [own],
  });

  test('has a fresh root that holds the same values', () => {
    const after = commit(own, 5);
    const proof = proveRenewal(engine, renewalTo(after), rootsOf(after));
    expect(verifyRenewal(renewalTo(after), proof)).toMatchObject({ ok: true });
    const wrong = commit(own, 5);
    expect(verifyRenewal(renewalTo(wrong), proof)).toMatchObject({ ok: false });
  });

  test('with another value is none', () => {
    for (let i = 0; i < own.length; i++) {
      const after = commit(own.with(i, 1), 3);
      const proof = forged(renewalTo(after), rootsOf(after));
      expect(verifyRenewal(renewalTo(after), proof)).toMatchObject({ ok: false });
    }
  });

  test('of another shape is none', () => {
    const after = commit(own, 3, [1, 5]);
    expect(verifyRenewal(renewalTo(after), new Uint8Array(0))).toEqual({
      ok: false,
      error: { kind: 'proof/renewal' },
    });
  });
});
