import { verifyReceipt } from '@assay/verifier';
import { loadGenuine } from '../files.ts';
import { expectEqual, expectTrue, type Suite } from '../harness.ts';

/** A receipt that was made in Node, of one run of an example; the page has its key and nothing else. */
export const verifier: Suite = {
  name: 'verifier',
  checks: [
    {
      name: 'accepts a receipt that was made in Node',
      async run() {
        const { receipt, verifyingKey } = await loadGenuine('public');
        const verdict = verifyReceipt(receipt, verifyingKey);
        expectTrue(verdict.accepted, `an accepted receipt, got ${JSON.stringify(verdict.reason)}`);
        expectEqual(verdict.checked.proof, 'checked', 'proof');
        expectEqual(verdict.securityBits, 128, 'security bits');
      },
    },
    {
      name: "compares with the verifier's own output, and rejects another",
      async run() {
        const { receipt: bytes, verifyingKey: key, body } = await loadGenuine('public');
        const [port] = body.outputs;
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
        const { receipt: bytes, verifyingKey: key } = await loadGenuine('public');
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
