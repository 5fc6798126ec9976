import { prover, within } from './mutation.mjs';

const errors = prover('verify-errors');
const batching = prover('batching');
const forging = prover('fiat-shamir');
const keyCodec = 'packages/verifier/src/key/codec.test.ts';

const verify = within('packages/verifier/src/verify.ts');
const argument = within('packages/verifier/src/argument/argument.ts');
const claims = within('packages/verifier/src/argument/claims.ts');
const statement = within('packages/verifier/src/argument/statement-bytes.ts');
const einsums = within('packages/verifier/src/stages/einsums.ts');
const lookups = within('packages/verifier/src/stages/lookups.ts');
const codec = within('packages/verifier/src/key/codec.ts');

const mismatch = { covers: "err({ kind: 'argument/layout', field, expected, actual })" };

export const verifier = [
  // verify.ts
  verify(
    'a proof of any size',
    "  if (bytes.length > PROOF_BYTES) return err({ kind: 'proof/format', reason: 'too-large' });\n",
    '',
    [errors, 'proof/format: too-large'],
  ),
  verify(
    'any magic',
    "  if (!equalBytes(reader.bytes(PROOF_MAGIC.length), PROOF_MAGIC))\n    return err({ kind: 'proof/format', reason: 'magic' });\n",
    '  reader.bytes(PROOF_MAGIC.length);\n',
    [errors, 'proof/format: magic'],
  ),
  verify(
    'a header that is cut off',
    "  if (reader.failed !== null) return err({ kind: 'proof/format', reason: reader.failed });\n  return version",
    '  return version',
    [errors, 'proof/format: truncated'],
  ),
  verify(
    'any version',
    "return version === PROOF_VERSION ? ok(reader) : err({ kind: 'proof/format', reason: 'version' });",
    'return ok(reader);',
    [errors, 'proof/format: version'],
  ),
  verify('a statement that is none', '  if (!known.ok) return known;\n', '', [
    errors,
    'statement/missing',
  ]),
  verify('what the header says', '  if (!header.ok) return header;\n', '', [
    errors,
    'proof/format: magic',
  ]),
  verify('what S4 says', '  if (!lookup.ok) return lookup;\n', '', [errors, 'proof/lookup']),
  verify('what S5 says', '  if (!einsums.ok) return einsums;\n', '', [errors, 'proof/operands']),
  verify(
    'a nonce of S7 that is cut off',
    "  if (reader.failed !== null) return err({ kind: 'proof/format', reason: reader.failed });\n  if (!transcript",
    '  if (!transcript',
    [errors, 'a nonce that is cut off'],
  ),
  verify(
    'any nonce in S7',
    "if (!transcript.checkPow(batchPowBits, nonce)) return err({ kind: 'proof/pow', step: 'S7' });",
    'transcript.checkPow(batchPowBits, nonce);',
    [forging, 'a nonce that does not pass is rejected: 1'],
  ),
  verify(
    'what the opening says',
    "  if (!opened.ok) return err({ kind: 'proof/opening', error: opened.error });\n",
    '',
    [batching, 'an out-of-domain answer alone'],
  ),
  verify(
    'bytes after the end',
    "  if (!reader.atEnd)\n    return err({ kind: 'proof/format', reason: reader.failed ?? 'trailing-bytes' });\n",
    '',
    [errors, 'proof/format: trailing-bytes'],
  ),

  // argument.ts
  argument(
    'any program',
    "  if (!system.ok) return err({ kind: 'argument/program', error: system.error });\n",
    '',
    [errors, 'argument/program'],
  ),
  argument(
    'columns cut into any number of blocks',
    "  if (!bounded.ok) return err({ kind: 'argument/program', error: bounded.error });\n",
    '  void bounded;\n',
    [prover('concealed-ports'), 'a key whose tails cut the witness'],
  ),
  argument(
    'other columns than the layout has',
    "  if (whir.columns !== columns) return mismatch('columns', columns, whir.columns);\n",
    '',
    [errors, 'argument/layout: columns'],
    mismatch,
  ),
  argument(
    'other variables than the layout has',
    "  if (totalVariables(whir) !== variables)\n    return mismatch('variables', variables, totalVariables(whir));\n",
    '',
    [errors, 'argument/layout: variables'],
  ),
  argument(
    'tails that no layout leaves',
    "  if (parameters.tailRows !== 0) return mismatch('tailRows', 0, parameters.tailRows);\n",
    '',
    [errors, 'argument/layout: tailRows'],
  ),
  argument(
    'a name with other answers than the parameters say',
    '  if (key.model.yReg.length !== parameters.registeredSamples) {',
    '  if (false) {',
    [errors, 'argument/layout: registered answers'],
  ),
  argument(
    'parameters below their promise',
    "  if (!(actualBits >= parameters.targetBits)) {\n    return err({ kind: 'argument/security', targetBits: parameters.targetBits, actualBits });\n  }\n",
    '',
    [errors, 'argument/security'],
  ),

  // claims.ts: claims that are left out, and coefficients that are all one
  claims(
    'registered pairs',
    "    claims.push({\n      weight: { kind: 'power', z, span: layout.model },\n      value: constantValue(model.yReg[i] ?? ZERO),\n    });\n",
    '    void [z, i];\n',
    [prover('commitments'), 'a root with a wrong registered pair'],
  ),
  claims(
    'out-of-domain answers',
    "    claims.push({ weight: { kind: 'power', z, span: layout.witness }, value: answer });\n",
    '    void [z, answer];\n',
    [batching, 'an out-of-domain answer alone'],
  ),
  claims(
    "LogUp's numerator",
    '    claim(numerator, t.lookup.numerator);\n',
    '    void numerator;\n',
    [batching, 'a numerator and what the other needs'],
  ),
  claims(
    "LogUp's denominator",
    '    claim(denominator, t.lookup.denominator);\n',
    '    void denominator;\n',
    [batching, 'denominators alone'],
  ),
  claims(
    'relations without products',
    'if (power === undefined) claim(functional, constantValue(ZERO));',
    'if (power === undefined) continue;',
    [batching, 'a linear relation off by one'],
  ),
  claims('C', '    claim(sum, scaleValue(t.batched, negK(ONE)));\n', '    void sum;\n', [
    batching,
    'C from the products',
  ]),
  claims(
    'left operands',
    "    claim(operandFunctional(system, weights, instance, 'left'), operands.left);\n",
    '',
    [batching, 'left operands of two products'],
  ),
  claims(
    'right operands',
    "    claim(operandFunctional(system, weights, instance, 'right'), operands.right);\n",
    '',
    [batching, 'right operands of two products'],
  ),
  claims('λ', '    power = mulK(power, lambda);\n', '', [batching, 'two relations with swapped']),
  claims('γ', '    power = mulK(power, gamma);\n', '', [
    batching,
    'relations without: an error in one relation',
  ]),

  // statement-bytes.ts
  statement(
    'ports that the program does not have',
    "        return err({ kind: 'statement/unknown', port: name });",
    '        continue;',
    [errors, 'statement/unknown'],
  ),
  statement(
    'ports without values',
    "      if (values === undefined) return err({ kind: 'statement/missing', port: port.name });\n",
    '      if (values === undefined) continue;\n',
    [errors, 'statement/missing'],
  ),
  statement(
    'any number of values',
    "        return err({ kind: 'statement/length', port: port.name, expected, actual: values.length });",
    '        void expected;',
    [errors, 'statement/length'],
  ),
  statement(
    'values outside their range',
    "        return err({ kind: 'statement/range', port: port.name, index, value: values[index] ?? 0 });",
    '        void index;',
    [errors, 'statement/range'],
  ),
  statement(
    'a nonce of any length',
    "    return err({ kind: 'statement/nonce', limit: NONCE_BYTES, actual: statement.nonce.length });",
    '    void NONCE_BYTES;',
    [errors, 'statement/nonce'],
  ),

  // stages
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
    [forging, 'a nonce that does not pass is rejected: 0'],
  ),
  lookups(
    'what LogUp says',
    "  if (!result.ok) return err({ kind: 'proof/lookup', error: result.error });\n",
    '',
    [errors, 'proof/lookup'],
  ),

  // key/codec.ts
  codec(
    'a key of any size',
    "    return err({ kind: 'key/too-large', limit: KEY_BYTES, actual: bytes.length });",
    '    void KEY_BYTES;',
    [keyCodec, 'too many bytes'],
  ),
  codec(
    'bytes that are not CBOR',
    "  if (!value.ok) return err({ kind: 'key/encoding', reason: value.error });\n",
    '',
    [keyCodec, 'what is not CBOR, as such'],
  ),
  codec(
    'weights neither public nor hidden',
    "  if (publicWeights !== 0 && publicWeights !== 1) reader.fail('public weights: expected 0 or 1');\n",
    '',
    [keyCodec, 'weights neither public nor hidden'],
  ),
  codec(
    'values of other kinds',
    "  if (reader.failure !== null) return err({ kind: 'key/encoding', reason: reader.failure });\n",
    '',
    [keyCodec, 'the decoder refuses a root that is text'],
  ),
  codec('parameters out of bounds', '  if (outOfBounds !== null) return err(outOfBounds);\n', '', [
    keyCodec,
    'out of bounds',
  ]),
  codec(
    'a root of another length',
    "  if (root.length !== DIGEST_BYTES) return err({ kind: 'key/model', field: 'root' });\n",
    '',
    [keyCodec, 'a root or answers of another length'],
  ),
  codec(
    'other answers than parameters say',
    "  if (!words.atEnd) return err({ kind: 'key/model', field: 'yReg' });\n",
    '',
    [keyCodec, 'a root or answers of another length'],
  ),
  codec(
    'any program',
    "  if (!decoded.ok) return err({ kind: 'key/program', error: decoded.error });\n",
    '',
    [keyCodec, 'a program that is none'],
  ),
];
