import { bytesOfWords, type ProofReader } from '../codec/index.ts';
import type { K } from '../field/index.ts';
import { asciiBytes, concatBytes, keccak256 } from '../hash/index.ts';
import { TAG_OUT_OF_DOMAIN, TAG_ROOT, Transcript } from '../transcript/index.ts';

/** Σ_c z^(c·M)·p_c(z) = y over the columns of one root, numbered from 0. */
export interface OutOfDomainPair {
  readonly z: K;
  readonly y: K;
}

/** What a registered root is a commitment to. */
export interface RegisteredShape {
  readonly root: Uint8Array;
  readonly logRows: number;
  readonly logInverseRate: number;
  readonly columns: number;
  /** What else the name stands for, u32 each: rows of tail and dimensions of a hidden tensor. Absent: nothing. */
  readonly binding?: readonly number[] | undefined;
}

const REGISTRATION = 'assay/v1/registration';

/**
 * The points of a root's registered pairs, a hash of the root and its shape: in the Johnson regime a
 * bare root may stand for several polynomials, with its answers at these points for one.
 * Source: protocol S0, "A root's name is (root, y_reg)".
 */
export function registeredPoints(shape: RegisteredShape, samples: number): K[] {
  const { root, logRows, logInverseRate, columns, binding = [] } = shape;
  const numbers = bytesOfWords([logRows, logInverseRate, columns, ...binding]);
  const transcript = new Transcript(keccak256, keccak256(asciiBytes(REGISTRATION)));
  transcript.observe(TAG_ROOT, concatBytes(root, numbers));
  return Array.from({ length: samples }, () => transcript.sampleK());
}

/**
 * Step S2: samples each point, reads and observes its answer.
 * Caller must: have observed the root before; test `reader.failed` afterwards; claim the pairs in the
 * opening.
 */
export function readOutOfDomainPairs(
  transcript: Transcript,
  reader: ProofReader,
  samples: number,
): OutOfDomainPair[] {
  const pairs: OutOfDomainPair[] = [];
  for (let i = 0; i < samples; i++) {
    const z = transcript.sampleK();
    const y = reader.k();
    transcript.observeK(TAG_OUT_OF_DOMAIN, [y]);
    pairs.push({ z, y });
  }
  return pairs;
}
