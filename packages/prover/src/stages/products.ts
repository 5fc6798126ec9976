import type { ProofWriter } from '@assay/core/codec';
import { addK, type K, mulK, subK, ZERO } from '@assay/core/field';
import { evaluateValues, type HidingLedger, productPads, type Value } from '@assay/core/linear';
import { TAG_HIDING, type Transcript } from '@assay/core/transcript';
import { batchChecks } from '@assay/verifier';

/** S6: mirrors the verifier's `verifyProducts`. */
export function proveProducts(
  transcript: Transcript,
  writer: ProofWriter,
  ledger: HidingLedger,
  pads: readonly K[],
): Value {
  const send = (values: readonly K[]): void => {
    writer.ks(values);
    transcript.observeK(TAG_HIDING, values);
  };
  const pad = (index: number): K => pads[index] ?? ZERO;
  const triples = ledger.products.map((_, t) => productPads(ledger.shape, t));
  // Together: they are made of the same messages.
  const operands = ledger.products.map(({ x }) => x).concat(ledger.products.map(({ y }) => y));
  const values = evaluateValues(operands, pads);
  const [xs, ys] = [values.slice(0, triples.length), values.slice(triples.length)];
  const products = triples.map(({ product }, t) =>
    addK(mulK(xs[t] ?? ZERO, ys[t] ?? ZERO), pad(product)),
  );
  send(products);
  const rho = transcript.sampleK();
  const e = triples.map(({ x }, t) => subK(mulK(rho, xs[t] ?? ZERO), pad(x)));
  const f = triples.map(({ y }, t) => subK(ys[t] ?? ZERO, pad(y)));
  send([...e, ...f]);
  return batchChecks(ledger, { products, rho, e, f }, transcript.sampleK());
}
