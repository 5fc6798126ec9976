import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '@assay/core/engine';
import { toHex } from '@assay/core/hash';
import { openBundle, writeCompiled } from '@assay/prover/bundle';
import { portBudget } from '@assay/prover/commitments';
import { commitmentName, encodeReceipt, type OwnValues, verifyReceipt } from '@assay/verifier';
import {
  commitPort,
  type Opening,
  openingPort,
  saveOpening,
  isOpeningFolder,
  proveRun,
  type RunRequest,
  receiptBody,
} from '@assay/prover/run';
import { parseTime } from '../parse.ts';
import { readBytes, writeBytes } from '../files.ts';
import { newKey } from '../keys.ts';
import {
  type CommitOptions,
  commitModel,
  type CompiledWithReport,
  compileModel,
  modelInputs,
} from '../pipeline.ts';
import { readSamples } from '../sample.ts';
import { quantizeInputs } from '../tensors.ts';
import { formatBytes, formatMs, silent } from '../ui/index.ts';
import { firstOf } from './accuracy.ts';
import { largest } from './forge.ts';
import { exampleFile } from './held-out.ts';

/** A diagnosis of which something is not shown, proven and verified. */
export interface PrivateProof {
  readonly hidden: 'patient' | 'model';
  readonly predicted: string;
  readonly label: string;
  /** What was done before, once: the commitment to the patient's record; registration of the weights. */
  readonly onceMs: number;
  readonly proveMs: number;
  readonly verifyMs: number;
  readonly proofBytes: number;
  readonly accepted: boolean;
  /** Its receipt. */
  readonly path: string;
}

const EXAMPLE = 'breast-cancer-mlp';
/** Few, so that the columns are short. */
const PROOFS = 4;

export interface Patient {
  readonly values: ReadonlyMap<string, Int32Array>;
  readonly label: string;
}

export interface Diagnosis {
  readonly compiled: CompiledWithReport;
  readonly names: readonly string[];
  /** Held out: not seen in training. */
  readonly patient: Patient;
}

export async function prepareDiagnosis(): Promise<Diagnosis> {
  const model = readBytes(exampleFile('model.onnx', EXAMPLE));
  const ports = await modelInputs(model, {});
  const samples = await readSamples([exampleFile('samples.json', EXAMPLE)], ports, {});
  const compiled = await compileModel({
    name: EXAMPLE,
    model,
    samples,
    progress: silent,
    privateWeights: true,
  });
  const test = JSON.parse(
    new TextDecoder().decode(readBytes(exampleFile('test.json', EXAMPLE))),
  ) as {
    input: string;
    shape: readonly number[];
    rows: readonly (readonly number[])[];
    labels: readonly number[];
    names: readonly string[];
  };
  const data = Float64Array.from(test.rows[0] ?? []);
  const sample = new Map([[test.input, { dims: test.shape, data }]]);
  const { values } = quantizeInputs(compiled.program, sample, false);
  const label = test.names[test.labels[0] ?? 0] ?? '';
  return { compiled, names: test.names, patient: { values, label } };
}

/** The bundle of the model that hides one of the two. */
export function diagnosisFolder(folder: string, hidden: PrivateProof['hidden']): string {
  return join(folder, `${hidden}-hidden`);
}

/** Sets a copy of the model up, in a folder of its own; `take` makes what only then can be made. */
async function diagnose(
  engine: Engine,
  { compiled, names, patient }: Diagnosis,
  hidden: PrivateProof['hidden'],
  folder: string,
  options: Omit<CommitOptions, 'targetBits'>,
): Promise<PrivateProof> {
  const place = diagnosisFolder(folder, hidden);
  writeCompiled(place, compiled, { replace: true });
  let bundle = openBundle(place);
  try {
    let started = performance.now();
    const { key } = await commitModel(engine, bundle, { targetBits: 128, ...options }, silent);
    bundle.close();
    bundle = openBundle(place);
    let onceMs = performance.now() - started;

    let request: RunRequest = { inputs: patient.values, nonce: new Uint8Array() };
    let own: OwnValues = { inputs: patient.values };
    const [port] = key.program.inputs;
    if (hidden === 'patient' && port !== undefined) {
      started = performance.now();
      const values = firstOf(patient.values);
      const budget = portBudget(key, { side: 'inputs', index: 0 });
      const { opening } = commitPort(engine, key, port, values, budget);
      const record: Opening = {
        folder: join(folder, 'patient'),
        opening,
        port: openingPort(key, 'input', port),
      };
      // The demo's own, of an earlier run.
      if (isOpeningFolder(record.folder)) rmSync(record.folder, { recursive: true });
      saveOpening(record);
      onceMs = performance.now() - started;
      const { root, yReg } = opening.commitment;
      own = { inputNames: new Map([[port.name, toHex(commitmentName(root, yReg))]]) };
      request = { ...request, inputs: new Map(), openings: new Map([[port.name, record]]) };
    }

    started = performance.now();
    const run = proveRun(engine, bundle, request);
    const proveMs = performance.now() - started;
    const signer = newKey();
    const receipt = encodeReceipt(
      receiptBody(run, signer.publicKey, { time: parseTime(undefined) }),
      signer,
    );
    const path = join(folder, `${hidden}-hidden.receipt`);
    writeBytes(path, receipt);
    started = performance.now();
    const { accepted } = verifyReceipt(receipt, key, own);
    return {
      hidden,
      predicted: names[largest(firstOf(run.outputs))] ?? '',
      label: patient.label,
      onceMs,
      proveMs,
      verifyMs: performance.now() - started,
      proofBytes: run.proof.length,
      accepted,
      path,
    };
  } finally {
    bundle.close();
  }
}

/** A diagnosis that does not show the patient, and one that does not show the model. */
export async function provePrivately(
  engine: Engine,
  folder: string,
  diagnosis: Diagnosis,
): Promise<readonly PrivateProof[]> {
  const [input] = diagnosis.compiled.program.inputs;
  const inputs = new Map([[input?.name ?? '', 'committed' as const]]);
  return [
    await diagnose(engine, diagnosis, 'patient', folder, { shown: { inputs }, proofs: PROOFS }),
    await diagnose(engine, diagnosis, 'model', folder, {
      shown: { weights: 'hidden' },
      proofs: PROOFS,
    }),
  ];
}

const ONCE = { patient: 'committed', model: 'registered' } as const;

/** A line each. */
export function describePrivate(proofs: readonly PrivateProof[]): string {
  return proofs
    .map(
      ({ hidden, predicted, label, onceMs, proveMs, verifyMs, proofBytes, accepted }) =>
        `  ${hidden} hidden`.padEnd(18) +
        `${predicted} (labelled ${label}): ${ONCE[hidden]} in ${formatMs(onceMs)}, proved in ${formatMs(proveMs)}, ` +
        `${formatBytes(proofBytes)}, verified in ${formatMs(verifyMs)}: ${accepted ? 'accepted' : 'REJECTED'}`,
    )
    .join('\n');
}
