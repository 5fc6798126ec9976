import { disputesAbi } from '@assay/contracts';
import { type Address, encodeAbiParameters, getAbiItem, type Hex, keccak256 } from 'viem';
import { submissionHash, type Submission } from '../jobs/index.ts';
import type { AbiFraudProof, AbiPaddingProof } from './abi.ts';

/** ABI types of the two kinds of evidence, as the contract has them. */
const FRAUD = getAbiItem({ abi: disputesAbi, name: 'proveFraud' }).inputs[1];
const PADDING = getAbiItem({ abi: disputesAbi, name: 'provePadding' }).inputs[1];

/** keccak256(abi.encode(proof)). */
export function fraudHash(proof: AbiFraudProof): Hex {
  return keccak256(encodeAbiParameters([FRAUD], [proof]));
}

/** keccak256(abi.encode(proof)). */
export function paddingHash(proof: AbiPaddingProof): Hex {
  return keccak256(encodeAbiParameters([PADDING], [proof]));
}

export interface Commitment {
  readonly chainId: number;
  readonly disputes: Address;
  /** Who commits, and alone may reveal. */
  readonly by: Address;
  readonly submission: Submission;
  /** `fraudHash` or `paddingHash`. */
  readonly proof: Hex;
  /** 32 random bytes: without them the proof could be guessed. */
  readonly salt: Hex;
}

/**
 * What `commit` is called with, a block before the proof is shown: keccak256(abi.encode(chainid, disputes,
 * sender, job, H(submission), H(proof), salt)).
 */
export function evidenceCommitment(c: Commitment): Hex {
  return keccak256(
    encodeAbiParameters(
      [
        { type: 'uint256' },
        { type: 'address' },
        { type: 'address' },
        { type: 'bytes32' },
        { type: 'bytes32' },
        { type: 'bytes32' },
        { type: 'bytes32' },
      ],
      [
        BigInt(c.chainId),
        c.disputes,
        c.by,
        c.submission.job,
        submissionHash(c.submission),
        c.proof,
        c.salt,
      ],
    ),
  );
}
