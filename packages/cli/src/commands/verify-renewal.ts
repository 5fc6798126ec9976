import { AssayError } from '@assay/core/errors';
import { toHex } from '@assay/core/hash';
import {
  commitmentName,
  decodeCommitment,
  decodeVerifyingKey,
  describeCommitmentError,
  describeKeyError,
  describeReason,
  describeVerifyError,
  modelName,
  type PortCommitment,
  type Renewal,
  type VerdictReason,
  type VerifyError,
  verifyRegistration,
  verifyRenewal,
  type VerifyingKey,
} from '@assay/verifier';
import { EXIT } from '../exit-codes.ts';
import { oneStandardInput, readBytes } from '../files.ts';
import { type Outcome, UsageError } from '../outcome.ts';
import type { CommonOptions } from '../terminal.ts';
import { formatMs } from '../ui/index.ts';
import { USUAL_SECURITY_BITS } from '../option-values.ts';
import { publicFile } from './verify.ts';

export interface VerifyRenewalOptions extends CommonOptions {
  readonly proof: string;
  /** Provable bits of the proof; of a model's renewal the fewest that are accepted. */
  readonly security?: number;
}

/** The public part of a root: of a model or of a committed tensor. */
type Public =
  | { readonly of: 'model'; readonly key: VerifyingKey }
  | { readonly of: 'tensor'; readonly commitment: PortCommitment };

/** @throws {AssayError} ASSAY_FILE_READ, ASSAY_VERIFYING_KEY */
function readPublic(path: string): Public {
  const bytes = readBytes(publicFile(path));
  const commitment = decodeCommitment(bytes);
  if (commitment.ok) return { of: 'tensor', commitment: commitment.value };
  const key = decodeVerifyingKey(bytes);
  if (key.ok) return { of: 'model', key: key.value };
  throw new AssayError({
    code: 'ASSAY_VERIFYING_KEY',
    shortMessage: `${path} is neither a verifying key nor a commitment`,
    details: `${describeKeyError(key.error)}\n${describeCommitmentError(commitment.error)}`,
  });
}

function nameOf(part: Public): string {
  return toHex(
    part.of === 'model'
      ? modelName(part.key.model.root, part.key.model.yReg)
      : commitmentName(part.commitment.root, part.commitment.yReg),
  );
}

type Reason = VerdictReason<VerifyError>;
const LEAST_SECURITY_BITS = 100;

/** A model's roots are also held against their registrations: equal values in one range are the same. */
function judge(renewal: Renewal, proof: Uint8Array, least: number): Reason | null {
  const ofProof = (error: VerifyError): Reason => ({ kind: 'verdict/proof', error });
  if (renewal.of === 'model') {
    for (const key of [renewal.earlier, renewal.renewed]) {
      const actual = key.parameters.targetBits;
      if (actual < least) return { kind: 'verdict/security', expected: least, actual };
      const registered = verifyRegistration(key);
      if (!registered.ok) return ofProof(registered.error);
    }
  }
  const verified = verifyRenewal(renewal, proof);
  return verified.ok ? null : ofProof(verified.error);
}

/** Whether a new root holds the same model, or the same values, as an earlier one. */
export async function verifyRenewals(
  earlierPath: string,
  renewedPath: string,
  options: VerifyRenewalOptions,
): Promise<Outcome> {
  oneStandardInput(earlierPath, renewedPath, options.proof);
  const [earlier, renewed] = [readPublic(earlierPath), readPublic(renewedPath)];
  let renewal: Renewal;
  if (earlier.of === 'model' && renewed.of === 'model') {
    renewal = { of: 'model', earlier: earlier.key, renewed: renewed.key };
  } else if (earlier.of === 'tensor' && renewed.of === 'tensor') {
    const targetBits = options.security ?? USUAL_SECURITY_BITS;
    const [from, to] = [earlier.commitment, renewed.commitment];
    renewal = { of: 'tensor', earlier: from, renewed: to, targetBits };
  } else {
    throw new UsageError('expected two verifying keys or two commitments, got one of each');
  }
  const proof = readBytes(options.proof);
  const started = performance.now();
  const reason = judge(renewal, proof, options.security ?? LEAST_SECURITY_BITS);
  const ms = performance.now() - started;
  const message =
    reason === null
      ? null
      : reason.kind === 'verdict/proof'
        ? describeVerifyError(reason.error)
        : describeReason(reason, describeVerifyError);
  const securityBits =
    renewal.of === 'model' ? renewal.renewed.parameters.targetBits : renewal.targetBits;
  const what =
    renewal.of === 'model'
      ? 'both keys are of the same hidden weights'
      : 'both names stand for the same values';
  return {
    exitCode: reason === null ? EXIT.ok : EXIT.rejected,
    json: {
      ok: reason === null,
      accepted: reason === null,
      reason,
      message,
      of: renewal.of,
      earlier: nameOf(earlier),
      renewed: nameOf(renewed),
      securityBits,
      ms,
    },
    text: [
      message === null ? `VERIFIED at ${securityBits} bits: ${what}` : `REJECTED: ${message}`,
      `  earlier     ${nameOf(earlier)}`,
      `  renewed     ${nameOf(renewed)}`,
      `  verified in ${formatMs(ms)}`,
    ].join('\n'),
  };
}
