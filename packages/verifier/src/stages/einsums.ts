import type { ProofReader } from '@assay/core/codec';
import { err, ok, type Result } from '@assay/core/errors';
import { type K, mulK, ZERO } from '@assay/core/field';
import {
  addValues,
  constantValue,
  type Ledger,
  scaleValue,
  subValues,
  type Value,
} from '@assay/core/linear';
import { eqPoint } from '@assay/core/poly';
import { delayFactor, instancePoint, verifySumcheck } from '@assay/core/sumcheck';
import { TAG_BATCHED_CLAIM, TAG_OPERANDS, type Transcript } from '@assay/core/transcript';
import { type EinsumInstance, sharedPoint } from '@assay/program';
import type { Argument } from '../argument/argument.ts';
import { instanceCoefficients, type Transcribed } from '../argument/claims.ts';
import { secretOperands } from '../argument/pads.ts';
import type { VerifyError } from './errors.ts';

/**
 * What the batched sumcheck's last claim counts an instance's left·right by: its own coefficient,
 * the coordinates of r* before it entered, and eq of its shared variables with τ.
 */
export function finalCoefficient(
  argument: Argument,
  instance: EinsumInstance,
  coefficient: K,
  outer: readonly K[],
  inner: readonly K[],
): K {
  const skipped = delayFactor(inner, instance.variables);
  const shared = instancePoint(inner, instance.variables).slice(0, instance.sharedVariables);
  return mulK(
    mulK(coefficient, skipped),
    eqPoint(sharedPoint(argument.system, instance, outer), shared),
  );
}

/**
 * S5: τ*, λ; C; the batched sumcheck to r*; operand evaluations; the last claim must be what they
 * give. What remains are claims: C against the linear parts, each operand against the columns.
 */
export function verifyEinsums(
  argument: Argument,
  transcript: Transcript,
  reader: ProofReader,
  ledger: Ledger,
): Result<Pick<Transcribed, 'outer' | 'inner' | 'lambda' | 'batched' | 'operands'>, VerifyError> {
  const { einsums } = argument.system;
  const outer = Array.from({ length: einsums.outerVariables }, () => transcript.sampleK());
  const lambda = transcript.sampleK();
  if (einsums.instances.length === 0) {
    return ok({ outer, inner: [], lambda, batched: constantValue(ZERO), operands: [] });
  }
  const sent = reader.k();
  transcript.observeK(TAG_BATCHED_CLAIM, [sent]);
  const batched = ledger.received(sent);
  const rounds = verifySumcheck(
    transcript,
    reader,
    ledger,
    einsums.innerVariables,
    einsums.degree,
    batched,
  );
  if (!rounds.ok) return err({ kind: 'proof/sumcheck', error: rounds.error });
  const inner = rounds.value.point;
  const evaluations = reader.ks(2 * einsums.instances.length);
  if (reader.failed !== null) return err({ kind: 'proof/format', reason: reader.failed });
  transcript.observeK(TAG_OPERANDS, evaluations);
  const operands: { readonly left: Value; readonly right: Value }[] = [];
  let expected = constantValue(ZERO);
  const coefficients = instanceCoefficients(argument, lambda);
  for (const [i, instance] of einsums.instances.entries()) {
    const [hidesLeft, hidesRight] = secretOperands(argument.system, instance);
    const received = (k: K, secret: boolean): Value =>
      secret ? ledger.received(k) : constantValue(k);
    const left = received(evaluations[2 * i] ?? ZERO, hidesLeft);
    const right = received(evaluations[2 * i + 1] ?? ZERO, hidesRight);
    operands.push({ left, right });
    const coefficient = finalCoefficient(argument, instance, coefficients[i] ?? ZERO, outer, inner);
    expected = addValues(expected, scaleValue(ledger.product(left, right), coefficient));
  }
  if (!ledger.requireZero(subValues(rounds.value.claim, expected)))
    return err({ kind: 'proof/operands' });
  return ok({ outer, inner, lambda, batched, operands });
}
