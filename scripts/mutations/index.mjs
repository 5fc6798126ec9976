import { commitment } from './commitment.mjs';
import { core } from './core.mjs';
import { determined } from './determined.mjs';
import { hiding } from './hiding.mjs';
import { keys } from './keys.mjs';
import { program } from './program.mjs';
import { receipt } from './receipt.mjs';
import { registration } from './registration.mjs';
import { stages } from './stages.mjs';
import { statementBytes } from './statement.mjs';
import { trace, traceFiles } from './trace.mjs';
import { verifier } from './verifier.mjs';

/** Files whose rejections must all be covered: the verifier's closure, of receipts what they say of ports. */
export const files = [
  'packages/verifier/src/registration.ts',
  'packages/verifier/src/renewal.ts',
  'packages/verifier/src/verify-argument.ts',
  'packages/verifier/src/verify.ts',
  'packages/verifier/src/argument/argument.ts',
  'packages/verifier/src/argument/claims.ts',
  'packages/verifier/src/argument/derive.ts',
  'packages/verifier/src/argument/statement-bytes.ts',
  'packages/verifier/src/stages/einsums.ts',
  'packages/verifier/src/stages/lookups.ts',
  'packages/verifier/src/stages/products.ts',
  'packages/verifier/src/key/codec.ts',
  'packages/verifier/src/key/visibility.ts',
  'packages/verifier/src/commitment/codec.ts',
  'packages/verifier/src/receipt/ports.ts',
  'packages/program/src/encoding/decode.ts',
  'packages/program/src/encoding/strict-cbor.ts',
  'packages/program/src/shape/check-form.ts',
  'packages/program/src/shape/check-steps.ts',
  'packages/program/src/shape/validate.ts',
  'packages/program/src/ranges/check-model.ts',
  'packages/program/src/ranges/derive.ts',
  'packages/program/src/ranges/determined.ts',
  'packages/program/src/ranges/form-range.ts',
  'packages/program/src/registration/registration-program.ts',
  'packages/program/src/system/system.ts',
  'packages/program/src/system/work.ts',
  'packages/program/src/tables/keys.ts',
  ...traceFiles,
  'packages/core/src/codec/reader.ts',
  'packages/core/src/linear/hiding-ledger.ts',
  'packages/core/src/linear/ledger.ts',
  'packages/core/src/lookup/verifier.ts',
  'packages/core/src/merkle/multiproof.ts',
  'packages/core/src/pcs/blinding-verifier.ts',
  'packages/core/src/pcs/parameters.ts',
  'packages/core/src/pcs/run.ts',
  'packages/core/src/pcs/verifier.ts',
  'packages/core/src/security/parameters.ts',
  'packages/core/src/sumcheck/verifier.ts',
  'packages/core/src/transcript/transcript.ts',
];

/** Rejections that make no difference, with the reason. */
export const withoutEffect = [
  {
    file: 'packages/program/src/shape/validate.ts',
    find: 'if (c.error !== null) return err(c.error);',
    reason: 'the error is kept to the end; nothing is walked that is over its limit',
  },
  {
    file: 'packages/core/src/pcs/verifier.ts',
    find: "if (lastShape === undefined) return err({ kind: 'whir/final-claim' });",
    reason: 'valid parameters have an oracle',
  },
  {
    file: 'packages/program/src/ranges/check-model.ts',
    find: "if (range === null) return refuse('declares no range');",
    reason: 'a valid program declares the range of every model tensor',
  },
];

/**
 * What `mutate-verifier.mjs` takes out of the verifier, one at a time, and the test that must fail then.
 *
 * `find` occurs exactly once in the file and is replaced by `replace`; `test` names test file and a part
 * of the names of the tests that are run. `covers` names a rejection in the same file that the mutation
 * makes unreachable without containing it.
 */
export const mutations = [
  ...verifier,
  ...stages,
  ...statementBytes,
  ...keys,
  ...commitment,
  ...receipt,
  ...program,
  ...registration,
  ...determined,
  ...trace,
  ...core,
  ...hiding,
];
