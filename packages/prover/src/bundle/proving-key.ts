import { describeVerifyError, prepareArgument } from '@assay/verifier';
import type { ProvingKey } from '../types.ts';
import { bundleError } from './errors.ts';
import type { Bundle } from './open.ts';

/**
 * What `prove` needs of a bundle that is set up. Rows of the commitment stay on disk.
 *
 * @throws {AssayError} ASSAY_BUNDLE_NOT_SET_UP; ASSAY_BUNDLE_CORRUPT when the key is not one for the program
 */
export function provingKey(bundle: Bundle): ProvingKey {
  const tree = bundle.commitment();
  const { verifyingKey } = bundle;
  if (verifyingKey === null) {
    throw bundleError('ASSAY_BUNDLE_CORRUPT', 'bundle: verifying-key.cbor: missing');
  }
  const argument = prepareArgument(verifyingKey);
  if (!argument.ok) {
    const reason = describeVerifyError(argument.error);
    throw bundleError('ASSAY_BUNDLE_CORRUPT', `bundle: verifying-key.cbor: ${reason}`);
  }
  const tails = bundle.hidden()?.tails;
  return { argument: argument.value, weights: bundle.weights(), tree, tails };
}
