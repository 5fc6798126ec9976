import { AssayError } from '@assay/core/errors';
import { oracleShapes } from '@assay/core/pcs';
import { describeBudget, securityBudget } from '@assay/core/security';
import { type Argument, describeVerifyError, prepareArgument } from '@assay/verifier';
import { EXIT } from '../exit-codes.ts';
import { shownLines } from '../hiding/words.ts';
import type { Outcome } from '../outcome.ts';
import type { CommonOptions } from '../terminal.ts';
import { renderTable } from '../ui/index.ts';
import { readVerifyingKey } from './verify.ts';

/** Whether its proofs hide, and what. */
function hidingLines({ system, key }: Argument): string[] {
  return system.hiding
    ? [
        'hiding      zero-knowledge (docs/zero-knowledge.md has the argument, which awaits external review):',
        ...shownLines(key.program, key.visibility),
        `            ${key.parameters.tailRows} random rows in each fresh column, salted leaves`,
      ]
    : ['hiding      no: everything is public, and proofs may tell of intermediate values too'];
}

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
      zk: argument.value.system.hiding,
    },
    text: [
      `security    ${budget.bits.toFixed(1)} provable bits (target ${parameters.targetBits}), round by round, in the random oracle model`,
      ...hidingLines(argument.value),
      '',
      terms,
      '',
      shapes,
    ].join('\n'),
  };
}
