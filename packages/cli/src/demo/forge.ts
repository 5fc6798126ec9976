import { encodeReceipt, type ReceiptBody, type SigningKey } from '@assay/verifier';

/** The index of the first largest value. */
export function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}

/**
 * What a dishonest provider would send: the receipt of a run with the two best values of its output
 * exchanged, signed with the provider's own key, everything else as it was.
 */
export function forgeReceipt(body: ReceiptBody, key: SigningKey): Uint8Array {
  const outputs = body.outputs.map((port) => {
    if (port.kind !== 'values') return port;
    const values = port.values.slice();
    const first = largest(values);
    const second = largest(
      Array.from(values, (v, i) => (i === first ? Number.NEGATIVE_INFINITY : v)),
    );
    [values[first], values[second]] = [values[second] ?? 0, values[first] ?? 0];
    return { ...port, values };
  });
  return encodeReceipt({ ...body, outputs }, key);
}
