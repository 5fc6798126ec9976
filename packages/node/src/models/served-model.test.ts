import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVIDENCE, ZERO_HASH } from '@assay/market';
import { writeCompiled } from '@assay/prover/bundle';
import { mlpToy, seededDraw } from '@assay/runtime/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compareRecord, openServedModel, traceBytes } from './served-model.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'assay-served-')), 'model');
  const { program, weights } = mlpToy(seededDraw(7));
  writeCompiled(folder, { program, weights, report: null });
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

test('a record is compared field by field; provenance is the registrant’s', () => {
  const model = openServedModel(folder);
  const registered = {
    ...model.record,
    predecessor: `0x${'11'.repeat(32)}`,
    manifest: ZERO_HASH,
  } as const;
  expect(compareRecord(model, registered)).toBeNull();
  expect(compareRecord(model, { ...registered, relationsRoot: ZERO_HASH, traces: 99 })).toBe(
    'its record differs in relationsRoot, traces',
  );
  model.bundle.close();
});

test('a trace that does not fit the memory is not offered', () => {
  const model = openServedModel(folder);
  expect(model.evidence).toBe(EVIDENCE.trace);
  if (model.trace === null) throw new Error('trace');
  const bytes = traceBytes(model.trace);
  expect(openServedModel(folder, bytes)).toMatchObject({ traceRefusal: null });
  expect(openServedModel(folder, bytes - 1)).toMatchObject({
    evidence: 0,
    traceRefusal: 'its trace does not fit the memory here',
  });
  model.bundle.close();
});
