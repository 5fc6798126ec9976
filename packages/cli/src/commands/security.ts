import { AssayError } from '@assay/core/errors';
import { oracleShapes } from '@assay/core/pcs';
import { describeBudget, securityBudget } from '@assay/core/security';
import { describeVerifyError, prepareArgument } from '@assay/verifier';
import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import type { CommonOptions } from '../terminal.ts';
import { renderTable } from '../ui/index.ts';
import { readVerifyingKey } from './verify.ts';

/** The security of a verifying key, term by term, computed anew from its parameters and sizes. */
export async function security(path: string, _options: CommonOptions): Promise<Outcome> {
  const key = readVerifyingKey(path);
  const argument = prepareArgument(key);
  if (!argument.ok) {
    throw new AssayError({
      code: 'ASSAY_VERIFYING_KEY',
      shortMessage: `${path}: ${describeVerifyError(argument.error)}`,
    });
  }
  const { parameters } = key;
  const budget = securityBudget(parameters, argument.value.sizes);
  const oracles = oracleShapes(parameters.whir);
  const terms = renderTable(
    [
      { title: 'term' },
      { title: 'bits', align: 'right' },
      { title: 'of which proof of work', align: 'right' },
    ],
    describeBudget(budget),
  );
  const shapes = renderTable(
    ['oracle', 'variables', 'folding', 'rate', 'domain', 'queries', 'samples', 'work'].map(
      (title) => ({ title, align: 'right' as const }),
    ),
    oracles.map((o, i) => [
      String(i),
      String(o.variables),
      String(o.folding),
      `2^-${o.logInverseRate}`,
      `2^${o.logDomain}`,
      String(o.queries),
      String(o.oodSamples),
      `${o.foldPowBits}/${o.queryPowBits}`,
    ]),
  );
  return {
    exitCode: EXIT.ok,
    json: {
      ok: true,
      securityBits: budget.bits,
      targetBits: parameters.targetBits,
      terms: budget.terms,
      parameters,
      sizes: argument.value.sizes,
      zk: false,
    },
    text: [
      `security    ${budget.bits.toFixed(1)} provable bits (target ${parameters.targetBits}), round by round, in the random oracle model`,
      'hiding      no: proofs of this version may leak inputs, weights and intermediate values',
      '',
      terms,
      '',
      shapes,
    ].join('\n'),
  };
}
