import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandomness } from '@assay/core/testing';
import { roundDeclared } from '@assay/program';
import { encodeVerifyingKey, verifyProof, type VerifyingKey } from '@assay/verifier';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  openBundle,
  provingKey,
  sourceOf,
  writeCommitment,
  writeCompiled,
} from '../src/bundle/index.ts';
import { commitTensor, openTensor } from '../src/commitments/index.ts';
import {
  readOpening,
  spendUnits,
  unitsLeft,
  usesFolder,
  writeOpening,
} from '../src/commitments/node/index.ts';
import { prove, setup } from '../src/index.ts';
import { mlp } from './fixtures.ts';
import { toyEngine } from './toy-key.ts';

test('programs that tell of weights by what they declare are not set up with these hidden', () => {
  const { program, weights } = mlp();
  const asked = { targetBits: 20, proofs: 1 };
  const shown = { weights: 'hidden' as const };
  expect(() => setup(toyEngine(), program, weights, { ...asked, shown })).toThrow(
    expect.objectContaining({ code: 'ASSAY_SETUP_PRIVATE' }),
  );
  expect(setup(toyEngine(), program, weights, asked).secrets).toBeNull();
});

/** A private model and a committed input that went through the disk: what a proof opens of them is what was committed. */
describe('a private model and a committed input from disk', () => {
  const engine = toyEngine();
  const { program: exact, weights } = mlp();
  const program = roundDeclared(exact);
  const values = Int32Array.of(3, -20, 0, 20, -7);
  let home: string;
  let key: VerifyingKey;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'assay-static-'));
    const made = setup(engine, program, weights, {
      shown: { weights: 'hidden', inputs: new Map([['x', 'committed']]) },
      proofs: 2,
      targetBits: 20,
    });
    key = made.key;
    const { secrets } = made;
    if (secrets === null) throw new Error('no secrets');
    writeCompiled(join(home, 'model'), { program, weights, report: null });
    const verifyingKey = encodeVerifyingKey(key);
    const source = sourceOf(engine, made.commitment);
    writeCommitment(join(home, 'model'), { ...source, verifyingKey, secrets });
    const { whir, registeredSamples } = key.parameters;
    const { opening } = commitTensor(
      engine,
      {
        values,
        shape: [5],
        logRows: whir.logRows,
        logInverseRate: whir.logInverseRates[0] ?? 0,
        registeredSamples,
        uses: 2,
        rowsPerUse: secrets.rowsPerUse,
      },
      seededRandomness(5),
    );
    writeOpening(join(home, 'patient'), opening);
  });
  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });

  test('prove and verify as often as was reserved', () => {
    const bundle = openBundle(join(home, 'model'), { full: true });
    const proving = provingKey(bundle);
    const model = bundle.hidden();
    if (model === null) throw new Error('public');
    const rows = proving.argument.key.parameters.whir.queries[0] ?? 0;
    const proofs = new Set<string>();
    for (const left of [1, 0]) {
      const opening = readOpening(join(home, 'patient'));
      const uses = usesFolder(join(home, 'patient'), opening.commitment.root);
      spendUnits(model.uses, model, rows);
      spendUnits(uses, opening, rows);
      expect([unitsLeft(model.uses, model), unitsLeft(uses, opening)]).toEqual([left, left]);
      const opened = openTensor(engine, opening);
      const committedInputs = new Map([['x', opened]]);
      const { proof, statement } = prove(engine, proving, new Map(), { committedInputs });
      expect(statement.inputs.size).toBe(0);
      expect(statement.committed?.inputs.get('x')).toEqual(opened.name);
      expect(verifyProof(key, statement, proof)).toMatchObject({ ok: true });
      proofs.add(Buffer.from(proof).toString('hex'));
      const { root, yReg } = opened.name;
      const renamed = new Map([['x', { root, yReg: yReg.toReversed() }]]);
      const other = { ...statement, committed: { inputs: renamed, outputs: new Map() } };
      expect(verifyProof(key, other, proof).ok).toBe(false);
    }
    expect(proofs.size).toBe(2);
    expect(() => spendUnits(model.uses, model, rows)).toThrow(
      expect.objectContaining({ code: 'ASSAY_USES_EXHAUSTED' }),
    );
    bundle.close();
  });
});
