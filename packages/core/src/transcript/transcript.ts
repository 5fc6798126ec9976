import { bytesOfK, bytesOfU64 } from '../codec/index.ts';
import { type K, toF } from '../field/index.ts';
import { asciiBytes, concatBytes, type HashFunction, keccak256 } from '../hash/index.ts';
import { TAG_NONCE } from './tags.ts';

const OBSERVE = 1;
const SAMPLE = 2;
const PROOF_OF_WORK = 4;

const INDICES_PER_BLOCK = 8;
const COORDINATE_BITS = 51n;
const COORDINATE_MASK = (1n << COORDINATE_BITS) - 1n;

/** 32 bytes as an integer. */
const bigEndian = (digest: Uint8Array): bigint => {
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  const at = (i: number): bigint => view.getBigUint64(8 * i);
  return (((((at(0) << 64n) | at(1)) << 64n) | at(2)) << 64n) | at(3);
};

const u32 = (n: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, n, true);
  return bytes;
};

/**
 * Fiat–Shamir transcript over a 32-byte state s.
 *
 *   observe        s := H(0x01 ‖ s ‖ tag ‖ u32 LE length ‖ bytes), and the sample counter returns to 0
 *   block          H(0x02 ‖ s ‖ u32 LE counter), a big-endian integer B; the counter goes up by one
 *   sampleK        coordinate i = ((B >> 51·i) mod 2^51) mod p: each element of K is at most
 *                  (1 + p·2^−51)^5 < 1 + 2^−17 times as likely as in a uniform draw
 *   sampleIndices  index i of a block = (B >> 32·i) mod 2^logSize, i < 8
 *   checkPow       H(0x04 ‖ s ‖ nonce u64 LE) ≡ 0 mod 2^bits, as a big-endian integer
 *
 * Caller must: observe every message before sampling a challenge that it could depend on.
 */
export class Transcript {
  readonly #hash: HashFunction;
  #state: Uint8Array;
  #counter = 0;

  constructor(
    hash: HashFunction = keccak256,
    initialState: Uint8Array = hash(asciiBytes('assay/v1')),
  ) {
    this.#hash = hash;
    this.#state = initialState.slice();
  }

  observe(tag: number, bytes: Uint8Array): void {
    this.#state = this.#hash(
      concatBytes(
        Uint8Array.of(OBSERVE),
        this.#state,
        Uint8Array.of(tag),
        u32(bytes.length),
        bytes,
      ),
    );
    this.#counter = 0;
  }

  /** Observes the elements' coordinates, u32 LE, as one message. */
  observeK(tag: number, values: readonly K[]): void {
    this.observe(tag, bytesOfK(values));
  }

  /** One block. */
  sampleK(): K {
    const block = this.#block();
    const coordinate = (i: bigint): number =>
      toF(Number((block >> (COORDINATE_BITS * i)) & COORDINATE_MASK));
    return [coordinate(0n), coordinate(1n), coordinate(2n), coordinate(3n), coordinate(4n)];
  }

  /** `count` draws with replacement from [0, 2^logSize), logSize <= 32: sorted, without duplicates. */
  sampleIndices(logSize: number, count: number): number[] {
    const mask = (1n << BigInt(logSize)) - 1n;
    const drawn = new Set<number>();
    for (let first = 0; first < count; first += INDICES_PER_BLOCK) {
      const block = this.#block();
      const draws = Math.min(INDICES_PER_BLOCK, count - first);
      for (let i = 0; i < draws; i++) drawn.add(Number((block >> BigInt(32 * i)) & mask));
    }
    return [...drawn].sort((a, b) => a - b);
  }

  /** A copy of s: what a prover grinds a nonce for. */
  state(): Uint8Array {
    return this.#state.slice();
  }

  /**
   * Tests a proof-of-work nonce and observes it. A slot of 0 bits has no nonce: true, nothing
   * observed. False if the nonce is not a u64 or the digest is not 0 mod 2^bits.
   */
  checkPow(bits: number, nonce: bigint): boolean {
    if (bits === 0) return true;
    if (nonce < 0n || nonce >= 1n << 64n) return false;
    const encoded = bytesOfU64(nonce);
    const digest = this.#hash(concatBytes(Uint8Array.of(PROOF_OF_WORK), this.#state, encoded));
    this.observe(TAG_NONCE, encoded);
    return bigEndian(digest) % (1n << BigInt(bits)) === 0n;
  }

  #block(): bigint {
    const counter = this.#counter;
    this.#counter += 1;
    return bigEndian(this.#hash(concatBytes(Uint8Array.of(SAMPLE), this.#state, u32(counter))));
  }
}
