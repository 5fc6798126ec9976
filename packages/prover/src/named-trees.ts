import { AssayError } from '@assay/core/errors';
import { equalBytes } from '@assay/core/hash';
import type { Statement } from '@assay/verifier';
import type { ProvingKey, Witness } from './types.ts';

/**
 * Rows are opened from trees with the roots that the proof names: those of another one would be shown
 * for nothing.
 *
 * @throws {AssayError} ASSAY_PROVE_STATEMENT
 */
export function checkTrees(
  { argument, tree, earlier }: ProvingKey,
  statement: Statement,
  { ports = [] }: Witness,
): void {
  const { key, layout } = argument;
  const top = layout.logRows + (key.parameters.whir.logInverseRates[0] ?? 0);
  const named = [
    { tree, root: key.model.root },
    ...(earlier === undefined ? [] : [{ tree: earlier.tree, root: statement.earlier?.root }]),
    ...ports.map((port) => ({ tree: port.tree, root: port.name.root })),
  ];
  if (named.every(({ tree, root }) => root !== undefined && equalBytes(tree.digest(top, 0), root)))
    return;
  throw new AssayError({
    code: 'ASSAY_PROVE_STATEMENT',
    shortMessage: 'a commitment was made for another key, or for other values',
  });
}
