import { P } from '@assay/core/field';
import { toHex } from '@assay/core/hash';
import { fillField, platformRandomness } from '@assay/core/randomness';
import { expectEqual, expectTrue, type Suite } from '../harness.ts';

/** Most bytes that the browser's generator gives at once. */
const CHUNK = 65_536;
const MEBIBYTE = 2 ** 20;

/**
 * Every bin is hit as often as it should be, give or take eight standard deviations: of uniform draws
 * one set in 10^12 fails.
 */
function expectUniform(bins: Iterable<number>, count: number, draws: number): void {
  const mean = draws / count;
  for (const n of bins) {
    expectTrue(Math.abs(n - mean) < 8 * Math.sqrt(mean), `about ${mean} of ${draws}, got ${n}`);
  }
}

/** What hides in a proof is no better hidden than this is random. */
export const randomness = (name: string): Suite => ({
  name,
  checks: [
    {
      name: 'the browser refuses to give more than 65,536 bytes at once',
      run() {
        let refused = false;
        try {
          crypto.getRandomValues(new Uint8Array(CHUNK + 1));
        } catch {
          refused = true;
        }
        expectTrue(
          refused,
          'a refusal: without one this suite does not see whether chunks are needed',
        );
      },
    },
    {
      name: 'as many bytes as asked for, in chunks, all of them written',
      run() {
        for (const count of [0, 1, 32, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 200_000]) {
          const bytes = platformRandomness().bytes(count);
          expectEqual(bytes.length, count, 'length');
          // 32 zeros in a row are a part that nobody wrote.
          const rows = count >= 64 ? [0, CHUNK - 32, CHUNK, count - 32] : [];
          for (const at of rows.filter((from) => from + 32 <= count)) {
            expectTrue(
              bytes.subarray(at, at + 32).some((b) => b !== 0),
              `bytes at ${at} of ${count}`,
            );
          }
        }
      },
    },
    {
      name: 'no 32 bytes come twice, within a draw or between draws',
      run() {
        const seen = new Set<string>();
        for (let draw = 0; draw < 4; draw++) {
          const bytes = platformRandomness().bytes(3 * CHUNK);
          for (let at = 0; at < bytes.length; at += 32)
            seen.add(toHex(bytes.subarray(at, at + 32)));
        }
        expectEqual(seen.size, (4 * 3 * CHUNK) / 32, 'distinct blocks');
      },
    },
    {
      name: 'bytes and bits are uniform',
      run() {
        const bins = new Float64Array(256);
        const bits = new Float64Array(8);
        for (const byte of platformRandomness().bytes(MEBIBYTE)) {
          bins[byte] = (bins[byte] ?? 0) + 1;
          for (let bit = 0; bit < 8; bit++) bits[bit] = (bits[bit] ?? 0) + ((byte >> bit) & 1);
        }
        expectUniform(bins, 256, MEBIBYTE);
        expectUniform(bits, 2, MEBIBYTE);
      },
    },
    {
      name: 'field elements are uniform, in shared memory too, and nothing else is written',
      run() {
        const count = 160_000;
        const memory = new Int32Array(new SharedArrayBuffer(4 * (count + 2))).fill(-1);
        fillField(platformRandomness(), memory.subarray(1, count + 1));
        expectEqual([memory[0], memory[count + 1]], [-1, -1], 'words beside');
        const bins = new Float64Array(16);
        for (const value of memory.subarray(1, count + 1)) {
          expectTrue(value >= 0 && value < P, `an element of the field, got ${value}`);
          const bin = Math.floor((16 * value) / P);
          bins[bin] = (bins[bin] ?? 0) + 1;
        }
        expectUniform(bins, 16, count);
      },
    },
  ],
});
