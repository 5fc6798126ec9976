import { toHex } from '@assay/core/hash';
import type { PortVisibility } from '@assay/program';
import { encodeParameters, keyFor, registrationKey, type VerifyingKey } from '@assay/verifier';

const KINDS: readonly PortVisibility[] = [
  { kind: 'public' },
  { kind: 'hidden' },
  { kind: 'committed', tailRows: 300 },
];

/**
 * Parameters of proofs of one model for everything that they could hide, as hex, or why there are
 * none: whoever verifies derives them as whoever proves did, in whatever host.
 */
export function derivations(key: VerifyingKey): Record<string, string> {
  const { program, visibility } = key;
  const found: Record<string, string> = {};
  const note = (name: string, shown: ReturnType<typeof keyFor>): void => {
    found[name] = shown.ok
      ? toHex(encodeParameters(shown.value.parameters))
      : JSON.stringify(shown.error);
  };
  const of = (input: PortVisibility, output: PortVisibility): ReturnType<typeof keyFor> =>
    keyFor(key, {
      weights: visibility.weights,
      inputs: program.inputs.map(() => input),
      outputs: program.outputs.map(() => output),
    });
  for (const input of KINDS) {
    for (const output of KINDS) {
      note(`input ${input.kind}, output ${output.kind}`, of(input, output));
    }
  }
  // Longer than any column: no parameters.
  note('no room', of({ kind: 'committed', tailRows: 2 ** 24 }, { kind: 'public' }));
  note('registration', registrationKey(key));
  return found;
}
