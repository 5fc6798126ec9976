import { join } from 'node:path';
import { toHex } from '@assay/core/hash';
import { FILES, openBundle } from '@assay/prover/bundle';
import { commitmentName, modelName } from '@assay/verifier';
import { loadOpening, isOpeningFolder, OPENING_FILES } from '@assay/prover/run';
import { EXIT } from '../exit-codes.ts';
import { RENEWAL_FILE, renewModel, renewOpening } from '../hiding/renew.ts';
import { openingUses, type Uses, usesOf } from '../hiding/uses.ts';
import { type Outcome, UsageError } from '../outcome.ts';
import { USUAL_SECURITY_BITS } from '../option-values.ts';
import { startEngine } from '../pipeline.ts';
import { type CommonOptions, progressFor } from '../terminal.ts';
import { formatBytes, formatMs } from '../ui/index.ts';

export interface RecommitOptions extends CommonOptions {
  /** The folder of the new root. */
  readonly output: string;
  readonly proofs?: number;
  /** Provable bits of the renewal of a committed tensor (those that it was made for); of a model's, the key has them. */
  readonly security?: number;
  readonly threads?: number;
}

/** What a renewal made. */
interface Made {
  readonly of: 'model' | 'tensor';
  readonly earlier: string;
  readonly renewed: string;
  readonly securityBits: number;
  readonly proofBytes: number;
  readonly uses: Uses;
  /** Public: for those who know the earlier name. */
  readonly publicFile: string;
}

async function recommitModel(path: string, options: RecommitOptions): Promise<Made> {
  const folder = options.output;
  const bundle = openBundle(path);
  try {
    bundle.commitment();
    const { verifyingKey: key } = bundle;
    const hidden = bundle.hidden();
    if (key === null || hidden === null) {
      throw new UsageError(
        `${path}: the weights are public: their root is used up by nothing`,
        'Committed inputs and outputs have folders of their own.',
      );
    }
    if (options.security !== undefined) {
      throw new UsageError('--security: a model is renewed at the bits that its key has');
    }
    const running = await startEngine(options.threads);
    try {
      const request = { folder, proofs: options.proofs };
      const secrets = { key, hidden };
      const progress = progressFor(options);
      const { made, proof } = renewModel(running.engine, bundle, secrets, request, progress);
      const after = openBundle(folder);
      after.close();
      const own = after.hidden();
      if (own === null) throw new TypeError('recommit: expected hidden weights');
      return {
        of: 'model',
        earlier: toHex(modelName(key.model.root, key.model.yReg)),
        renewed: toHex(modelName(made.model.root, made.model.yReg)),
        securityBits: made.parameters.targetBits,
        proofBytes: proof.length,
        uses: usesOf(own.uses, own),
        publicFile: join(folder, FILES.verifyingKey),
      };
    } finally {
      await running.close();
    }
  } finally {
    bundle.close();
  }
}

async function recommitOpening(path: string, options: RecommitOptions): Promise<Made> {
  const folder = options.output;
  const earlier = loadOpening(path);
  const securityBits = options.security ?? earlier.port?.securityBits ?? USUAL_SECURITY_BITS;
  const running = await startEngine(options.threads);
  try {
    const request = { folder, proofs: options.proofs };
    const progress = progressFor(options);
    const { made, proof } = renewOpening(running.engine, earlier, request, securityBits, progress);
    const nameOf = ({ opening: { commitment } }: typeof earlier): string =>
      toHex(commitmentName(commitment.root, commitment.yReg));
    return {
      of: 'tensor',
      earlier: nameOf(earlier),
      renewed: nameOf(made),
      securityBits,
      proofBytes: proof.length,
      uses: openingUses(made),
      publicFile: join(folder, OPENING_FILES.commitment),
    };
  } finally {
    await running.close();
  }
}

/** A fresh root for a private model or a committed tensor, and the proof that it holds the same values. */
export async function recommit(path: string, options: RecommitOptions): Promise<Outcome> {
  const started = performance.now();
  const made = isOpeningFolder(path)
    ? await recommitOpening(path, options)
    : await recommitModel(path, options);
  const ms = performance.now() - started;
  const { output: folder } = options;
  const proof = join(folder, RENEWAL_FILE);
  const usual = made.of === 'model' || made.securityBits === USUAL_SECURITY_BITS;
  const bits = usual ? '' : ` --security ${made.securityBits}`;
  return {
    exitCode: EXIT.ok,
    json: { ok: true, folder, proof, ...made, ms },
    text: [
      `recommitted ${path} as ${folder} in ${formatMs(ms)}`,
      `earlier     ${made.earlier}`,
      `name        ${made.renewed}`,
      `reserved    ${made.uses.left} proofs: make them with ${folder}, ${path} may be removed`,
      `renewal     ${proof} (${formatBytes(made.proofBytes)}): shows that both names stand for the same values`,
      `next        assay verify-renewal EARLIER ${made.publicFile} --proof ${proof}${bits}`,
    ].join('\n'),
  };
}
