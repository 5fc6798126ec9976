import { basename } from 'node:path';
import { AssayError } from '@assay/core/errors';
import { keccak256, toHex } from '@assay/core/hash';
import { type Bundle, openBundle } from '@assay/prover/bundle';
import {
  encodeReceipt,
  modelName,
  parametersDigest,
  type PortValue,
  type ReceiptBody,
  SUITE_NAME,
  valuesDigest,
} from '@assay/verifier';
import { EXIT } from '../exit-codes.ts';
import { STANDARD, writeBytes } from '../files.ts';
import { findKey } from '../keys.ts';
import type { Outcome } from '../outcome.ts';
import { parseHex, parseTime } from '../parse.ts';
import { type ProvenRun, proveRun, startEngine } from '../pipeline.ts';
import { readInput, type SampleOptions } from '../sample.ts';
import { outputDocument } from '../tensors.ts';
import { type CommonOptions, progressFor, warn } from '../terminal.ts';
import { formatBytes, formatMs } from '../ui/index.ts';

export interface ProveOptions extends CommonOptions, SampleOptions {
  readonly input: readonly string[];
  readonly output: string;
  readonly nonce?: string;
  readonly keyFile?: string;
  readonly proofFile?: string;
  readonly time?: string;
  readonly digestInput?: boolean;
  readonly digestOutput?: boolean;
  readonly strict?: boolean;
  readonly threads?: number;
}

/** More integers than this are given by digest, asked or not: a receipt stays small. */
const INLINE_VALUES = 65_536;

function portValues(
  bundle: Bundle,
  side: 'inputs' | 'outputs',
  values: ReadonlyMap<string, Int32Array>,
  asDigest: boolean,
): PortValue[] {
  return bundle.program[side].map(({ name }) => {
    const integers = values.get(name) ?? new Int32Array();
    return asDigest || integers.length > INLINE_VALUES
      ? { kind: 'digest', name, elements: integers.length, digest: valuesDigest(integers) }
      : { kind: 'values', name, values: integers };
  });
}

function receiptBody(
  bundle: Bundle,
  inputs: ReadonlyMap<string, Int32Array>,
  run: ProvenRun,
  nonce: Uint8Array,
  proverKey: Uint8Array,
  options: ProveOptions,
): ReceiptBody {
  const key = bundle.verifyingKey;
  if (key === null) {
    throw new AssayError({
      code: 'ASSAY_BUNDLE_NOT_SET_UP',
      shortMessage: `bundle: the model in ${bundle.folder} is not committed`,
    });
  }
  return {
    model: { title: key.program.name, root: key.model.root, yReg: key.model.yReg },
    program: key.programDigest,
    suite: {
      name: SUITE_NAME,
      securityBits: key.parameters.targetBits,
      parameters: parametersDigest(key.parameters),
    },
    inputs: portValues(bundle, 'inputs', inputs, options.digestInput === true),
    outputs: portValues(bundle, 'outputs', run.outputs, options.digestOutput === true),
    nonce,
    proof: {
      digest: keccak256(run.proof),
      sizeBytes: run.proof.length,
      location:
        options.proofFile === undefined
          ? { kind: 'embedded', data: run.proof }
          : { kind: 'beside', file: basename(options.proofFile) },
    },
    proverKey,
    time: parseTime(options.time),
  };
}

/** Runs a model that is set up, proves the run, and signs a receipt. */
export async function prove(folder: string, options: ProveOptions): Promise<Outcome> {
  const nonce = parseHex('--nonce', options.nonce ?? '', 0, 64);
  parseTime(options.time);
  const progress = progressFor(options);
  const bundle = openBundle(folder);
  const running = await startEngine(options.threads);
  try {
    bundle.commitment();
    const found = findKey(options.keyFile, folder);
    const inputs = await readInput(options.input, bundle.program, options);
    warn(options, [...found.warnings, ...inputs.clamped]);
    const started = performance.now();
    const run = await proveRun(running.engine, bundle, inputs.values, nonce, progress);
    const ms = performance.now() - started;
    const { key } = found;
    const body = receiptBody(bundle, inputs.values, run, nonce, key.publicKey, options);
    const receipt = encodeReceipt(body, key);
    if (options.proofFile !== undefined) writeBytes(options.proofFile, run.proof);
    writeBytes(options.output, receipt);
    const name = toHex(modelName(body.model.root, body.model.yReg));
    return {
      exitCode: EXIT.ok,
      json: {
        ok: true,
        receipt: options.output,
        proof: options.proofFile ?? null,
        modelName: name,
        proverKey: key.publicKey,
        keyFile: found.file,
        nonce,
        time: body.time,
        securityBits: body.suite.securityBits,
        receiptBytes: receipt.length,
        proofBytes: run.proof.length,
        ms,
        stages: run.stages,
        peakMemoryBytes: running.engine.peakBytes,
        ...outputDocument(bundle.program, run.outputs),
        clamped: inputs.clamped,
      },
      text: [
        `proven      ${body.model.title} at ${body.suite.securityBits} bits in ${formatMs(ms)}`,
        `receipt     ${options.output} (${formatBytes(receipt.length)}, proof ${formatBytes(run.proof.length)})`,
        `model name  ${name}`,
        `prover key  ${toHex(key.publicKey)}${found.file === null ? ' (made for this proof)' : ''}`,
      ].join('\n'),
      stdoutTaken: options.output === STANDARD,
    };
  } finally {
    bundle.close();
    await running.close();
  }
}
