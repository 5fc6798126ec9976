import { prover, within } from './mutation.mjs';

const errors = prover('verify-errors');
const batching = prover('batching');
const prepared = 'packages/verifier/src/argument/argument.test.ts';
const checks = 'packages/verifier/src/stages/products.test.ts';
const einsums = within('packages/verifier/src/stages/einsums.ts');
const lookups = within('packages/verifier/src/stages/lookups.ts');
const products = within('packages/verifier/src/stages/products.ts');

/** Steps S3 to S6. */
export const stages = [
  einsums(
    'a sumcheck that cannot be read',
    "  if (!rounds.ok) return err({ kind: 'proof/sumcheck', error: rounds.error });\n",
    '',
    [errors, 'proof/sumcheck'],
  ),
  einsums(
    'operands that cannot be read',
    "  if (reader.failed !== null) return err({ kind: 'proof/format', reason: reader.failed });\n",
    '',
    [errors, 'proof/format in the operands'],
  ),
  einsums(
    'operands that do not multiply to the claim',
    "  if (!ledger.requireZero(subValues(rounds.value.claim, expected)))\n    return err({ kind: 'proof/operands' });\n",
    '',
    [batching, 'C from the linear parts'],
  ),
  lookups(
    'a nonce of S3 that is cut off',
    "  if (reader.failed !== null) return err({ kind: 'proof/format', reason: reader.failed });\n",
    '',
    [errors, 'a nonce that is cut off'],
  ),
  lookups(
    'any nonce in S3',
    "if (!transcript.checkPow(lookupPowBits, nonce)) return err({ kind: 'proof/pow', step: 'S3' });",
    'transcript.checkPow(lookupPowBits, nonce);',
    [errors, 'proof/pow'],
  ),
  lookups(
    'what LogUp says',
    "  if (!result.ok) return err({ kind: 'proof/lookup', error: result.error });\n",
    '',
    [errors, 'proof/lookup'],
  ),
  lookups(
    'the top layer in the clear',
    "argument.system.hiding ? 'root' : 'top'",
    "argument.system === null ? 'root' : 'top'",
    [prepared, 'as many products and checks'],
  ),
  products('θ', '    power = mulK(power, theta);\n', '    void [power, mulK];\n', [
    checks,
    'does not vanish for two errors',
  ]),
  products(
    'all checks but the first',
    '  for (const check of ledger.settle(messages)) {',
    '  for (const check of ledger.settle(messages).slice(0, 1)) {',
    [checks, 'counts each by its own power'],
  ),
];
