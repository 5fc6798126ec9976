import {
  decodeReceipt,
  decodeVerifyingKey,
  type VerifyingKey,
  verifyReceipt,
} from '@assay/verifier';
import { expectEqual, expectTrue, type Suite } from '../harness.ts';

async function load(path: string): Promise<Uint8Array> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function loadKey(): Promise<VerifyingKey> {
  const key = decodeVerifyingKey(await load('/fixture/verifying-key.cbor'));
  if (!key.ok) throw new Error(`the key is refused: ${key.error.kind}`);
  return key.value;
}

/** A receipt that was made in Node, of one run of an example; the page has its key and nothing else. */
export const verifier: Suite = {
  name: 'verifier',
  checks: [
    {
      name: 'accepts a receipt that was made in Node',
      async run() {
        const verdict = verifyReceipt(await load('/fixture/run.receipt'), await loadKey());
        expectTrue(verdict.accepted, `an accepted receipt, got ${JSON.stringify(verdict.reason)}`);
        expectEqual(verdict.checked.proof, 'checked', 'proof');
        expectEqual(verdict.securityBits, 128, 'security bits');
      },
    },
    {
      name: "compares with the verifier's own output, and rejects another",
      async run() {
        const [bytes, key] = [await load('/fixture/run.receipt'), await loadKey()];
        const receipt = decodeReceipt(bytes);
        const [port] = receipt.ok ? receipt.value.body.outputs : [];
        if (port?.kind !== 'values') throw new Error('expected an output with values');
        const own = (values: Int32Array): ReadonlyMap<string, Int32Array> =>
          new Map([[port.name, values]]);
        const same = verifyReceipt(bytes, key, { outputs: own(port.values) });
        expectTrue(same.accepted, 'the same output to be accepted');
        expectEqual(same.checked.output, 'checked', 'output');
        const changed = port.values.slice();
        changed[0] = (changed[0] ?? 0) + 1;
        const other = verifyReceipt(bytes, key, { outputs: own(changed) });
        expectEqual(other.reason?.kind, 'verdict/output', 'reason');
      },
    },
    {
      name: 'answers changed and cut receipts with a reason',
      async run() {
        const [bytes, key] = [await load('/fixture/run.receipt'), await loadKey()];
        for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 40)) {
          const changed = bytes.slice();
          changed[at] = (changed[at] ?? 0) ^ 4;
          for (const forged of [changed, bytes.slice(0, at)]) {
            const { accepted, reason } = verifyReceipt(forged, key);
            expectTrue(!accepted && reason !== null, `byte ${at} to matter`);
          }
        }
      },
    },
  ],
};
