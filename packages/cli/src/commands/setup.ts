import { toHex } from '@assay/core/hash';
import { FILES, openBundle } from '@assay/prover/bundle';
import { modelName } from '@assay/verifier';
import { join } from 'node:path';
import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { commitModel, startEngine } from '../pipeline.ts';
import { type CommonOptions, progressFor } from '../terminal.ts';
import { formatBytes, formatMs } from '../ui/index.ts';

export interface SetupOptions extends CommonOptions {
  readonly security: number;
  readonly threads?: number;
}

/** Commits the model of a bundle: afterwards it can prove, and its verifying key can be given away. */
export async function setup(folder: string, options: SetupOptions): Promise<Outcome> {
  const started = performance.now();
  const progress = progressFor(options);
  const bundle = openBundle(folder);
  const running = await startEngine(options.threads);
  try {
    const { key, estimate } = await commitModel(running.engine, bundle, options.security, progress);
    const ms = performance.now() - started;
    const name = toHex(modelName(key.model.root, key.model.yReg));
    const file = join(folder, FILES.verifyingKey);
    const after = openBundle(folder);
    after.close();
    const { provingKeyBytes, verifyingKeyBytes } = after;
    return {
      exitCode: EXIT.ok,
      json: {
        ok: true,
        folder,
        verifyingKey: file,
        modelName: name,
        root: key.model.root,
        securityBits: key.parameters.targetBits,
        provingKeyBytes,
        verifyingKeyBytes,
        expectedProofBytes: Math.round(estimate.proofBytes),
        ms,
      },
      text: [
        `committed   ${key.program.name} at ${key.parameters.targetBits} bits in ${formatMs(ms)}`,
        `model name  ${name}`,
        `verifying   ${file} (${formatBytes(verifyingKeyBytes)}): give it to whoever verifies`,
        `proving     ${formatBytes(provingKeyBytes)} stay in ${folder}`,
        `next        assay prove ${folder} --input input.json -o run.receipt`,
      ].join('\n'),
    };
  } finally {
    bundle.close();
    await running.close();
  }
}
