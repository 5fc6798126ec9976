import type { PadShape } from '@assay/core/linear';
import { logupMessages, logupProducts } from '@assay/core/lookup';
import { sumcheckElements } from '@assay/core/sumcheck';
import { type EinsumInstance, secretForm, type System } from '@assay/program';

/** Whether an instance's operands read something secret; those that do not are sent in the clear. */
export function secretOperands(
  system: System,
  { product }: EinsumInstance,
): readonly [boolean, boolean] {
  return [secretForm(system, product.left), secretForm(system, product.right)];
}

/**
 * One-time pads and triples of the hiding profile, in the order of the messages they cover: LogUp's
 * layers, then C, the rounds of the batched sumcheck, and operands that read something secret. A
 * product of two secret values takes a triple. The plain profile has none.
 */
export function padShape(system: System): PadShape {
  if (!system.hiding) return { messages: 0, products: 0, blind: false };
  const { lookups, einsums } = system;
  const blind = lookups.total > 0;
  let messages = blind ? logupMessages(lookups.variables) : 0;
  let products = blind ? logupProducts(lookups.variables) : 0;
  if (einsums.instances.length > 0) {
    messages += 1 + sumcheckElements(einsums.innerVariables, einsums.degree);
  }
  for (const instance of einsums.instances) {
    const secrets = secretOperands(system, instance).filter((secret) => secret).length;
    messages += secrets;
    if (secrets === 2) products += 1;
  }
  return { messages, products, blind };
}
