import { asciiBytes, fromHex, toHex } from '@assay/core/hash';
import { Transcript } from '@assay/core/transcript';
import { sha3_256 } from '@noble/hashes/sha3.js';
import golden from '../../vectors/transcript/sha3_v1.json' with { type: 'json' };
import { expectEqual, type Suite } from '../harness.ts';

export const transcript: Suite = {
  name: 'transcript',
  checks: [
    {
      name: 'golden states',
      run() {
        const sponge = new Transcript(sha3_256, sha3_256(asciiBytes(golden.domain)));
        expectEqual(toHex(sponge.state()), golden.initial, 'initial state');
        for (const [index, step] of golden.steps.entries()) {
          const what = `step ${index} (${step.op})`;
          if (step.op === 'observe') {
            sponge.observe(step.tag ?? 0, fromHex(step.bytes ?? '') ?? new Uint8Array());
          } else if (step.op === 'observeK') {
            sponge.observeK(step.tag ?? 0, (step.values ?? []).map(asK));
          } else if (step.op === 'sampleK') {
            expectEqual(sponge.sampleK(), step.value, what);
          } else {
            expectEqual(sponge.sampleIndices(step.logSize ?? 0, step.count ?? 0), step.value, what);
          }
          expectEqual(toHex(sponge.state()), step.state, what);
        }
      },
    },
  ],
};

function asK(value: readonly number[]): [number, number, number, number, number] {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = value;
  return [a, b, c, d, e];
}
