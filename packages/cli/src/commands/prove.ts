import { toHex } from '@assay/core/hash';
import { openBundle } from '@assay/prover/bundle';
import { encodeReceipt, modelName } from '@assay/verifier';
import { EXIT } from '../exit-codes.ts';
import { STANDARD, writeBytes } from '../files.ts';
import { findKey } from '../keys.ts';
import type { Outcome } from '../outcome.ts';
import { parseHex, parseTime } from '../parse.ts';
import { proveRun, startEngine } from '../pipeline.ts';
import { receiptBody } from '../receipt-body.ts';
import { readInput, type SampleOptions } from '../sample.ts';
import { outputDocument } from '../tensors.ts';
import { type CommonOptions, peakMemoryBytes, progressFor, warn } from '../terminal.ts';
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
        peakMemoryBytes: peakMemoryBytes(),
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
