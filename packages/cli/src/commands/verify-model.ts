import { bytesOfK } from '@assay/core/codec';
import { equalBytes, toHex } from '@assay/core/hash';
import { elementCount } from '@assay/program';
import { setup } from '@assay/prover';
import { openBundle } from '@assay/prover/bundle';
import {
  describeReason,
  describeVerifyError,
  modelName,
  prepareArgument,
  type VerdictReason,
  type VerifyError,
  verifyRegistration,
  type VerifyingKey,
} from '@assay/verifier';
import { EXIT } from '../exit-codes.ts';
import { countText } from '../inspect/index.ts';
import { type Outcome, UsageError } from '../outcome.ts';
import { parseHex } from '../parse.ts';
import { startEngine } from '../pipeline.ts';
import { type CommonOptions, progressFor } from '../terminal.ts';
import { formatMs } from '../ui/index.ts';
import { readVerifyingKey } from './verify.ts';

export interface VerifyModelOptions extends CommonOptions {
  /** Bundle with the weights, where they are public: the key is made again from them. */
  readonly bundle?: string;
  readonly modelName?: string;
  readonly threads?: number;
}

type Reason = VerdictReason<VerifyError>;

const ofProof = (error: VerifyError): Reason => ({ kind: 'verdict/proof', error });

function describe(reason: Reason): string {
  return reason.kind === 'verdict/proof'
    ? describeVerifyError(reason.error)
    : describeReason(reason, describeVerifyError);
}

/** Makes root and answers again from public weights. */
async function recompute(
  key: VerifyingKey,
  folder: string,
  options: VerifyModelOptions,
): Promise<Reason | null> {
  const bundle = openBundle(folder);
  try {
    if (!equalBytes(bundle.programDigest, key.programDigest)) {
      const [expected, actual] = [toHex(bundle.programDigest), toHex(key.programDigest)];
      return { kind: 'verdict/program', expected, actual };
    }
    const progress = progressFor(options);
    const running = await startEngine(options.threads);
    try {
      progress.update('commit', 0, 0);
      const { whir, targetBits } = key.parameters;
      const { model } = setup(running.engine, bundle.program, bundle.weights(), {
        targetBits,
        logRows: whir.logRows,
        logInverseRate: whir.logInverseRates[0],
      }).key;
      progress.end();
      if (!equalBytes(model.root, key.model.root)) return { kind: 'verdict/model', field: 'root' };
      return equalBytes(bytesOfK(model.yReg), bytesOfK(key.model.yReg))
        ? null
        : { kind: 'verdict/model', field: 'yReg' };
    } finally {
      await running.close();
    }
  } finally {
    bundle.close();
  }
}

/** The first thing that is wrong with the model behind a key; null: nothing. */
async function judge(key: VerifyingKey, options: VerifyModelOptions): Promise<Reason | null> {
  if (options.modelName !== undefined) {
    const expected = toHex(parseHex('--model-name', options.modelName, 32, 32));
    const actual = toHex(modelName(key.model.root, key.model.yReg));
    if (expected !== actual) return { kind: 'verdict/model-name', expected, actual };
  }
  const argument = prepareArgument(key);
  if (!argument.ok) return ofProof(argument.error);
  if (key.visibility.weights.kind === 'public') {
    return recompute(key, options.bundle ?? '', options);
  }
  const registered = verifyRegistration(key);
  return registered.ok ? null : ofProof(registered.error);
}

/**
 * Whether the weights behind a verifying key are what the program declares: of hidden weights by the
 * registration proof in the key, of public ones by making the key again from them.
 */
export async function verifyModel(path: string, options: VerifyModelOptions): Promise<Outcome> {
  const key = readVerifyingKey(path);
  const { program, parameters, visibility } = key;
  const isHidden = visibility.weights.kind === 'hidden';
  if (isHidden === (options.bundle !== undefined)) {
    throw new UsageError(
      isHidden
        ? '--bundle: the weights are hidden, and their root cannot be made again from them'
        : '--bundle DIR is missing: the weights are public, and the key is made again from them',
    );
  }
  const started = performance.now();
  const reason = await judge(key, options);
  const ms = performance.now() - started;
  const message = reason === null ? null : describe(reason);
  const tensors = program.tensors
    .filter(({ role }) => role === 'model')
    .map(({ name, shape, range }) => ({ name, shape, range }));
  const weights = tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const sums = program.relations.filter((r) => r.kind === 'zero' && r.declared !== null).length;
  const name = toHex(modelName(key.model.root, key.model.yReg));
  const count = `${countText(weights)} weights in ${tensors.length} tensors`;
  const accepted = isHidden
    ? [
        `VERIFIED at ${parameters.targetBits} bits: the hidden weights are what the program declares`,
        `  shown       ${count} are in their ranges, ${countText(sums)} kinds of sums in their bounds`,
        '  not shown   the weights, who made them, how well they work',
        '  therefore   every receipt under this key is of one and the same model',
      ]
    : [
        'VERIFIED: the verifying key is the one of these program and weights',
        `  shown       ${count} are in their ranges, ${countText(sums)} kinds of sums in their bounds`,
      ];
  return {
    exitCode: reason === null ? EXIT.ok : EXIT.rejected,
    json: {
      ok: reason === null,
      accepted: reason === null,
      reason,
      message,
      weights: visibility.weights.kind,
      modelName: name,
      program: key.programDigest,
      securityBits: parameters.targetBits,
      tensors,
      declaredSums: sums,
      ms,
    },
    text: [
      ...(message === null ? accepted : [`REJECTED: ${message}`]),
      `  model name  ${name}`,
      `  verified in ${formatMs(ms)}`,
    ].join('\n'),
  };
}
