/**
 * What `mutate-verifier.mjs` takes out of the verifier, one at a time, and the test that must fail then.
 *
 * `find` occurs exactly once in the file and is replaced by `replace`; `test` names test file and a part
 * of the names of the tests that are run. `covers` names a rejection in the same file that the mutation
 * makes unreachable without containing it.
 */

/** Files whose rejections must all be covered: the verifier's closure without the receipts around it. */
export const files = [
  'packages/verifier/src/verify.ts',
  'packages/verifier/src/argument/argument.ts',
  'packages/verifier/src/argument/claims.ts',
  'packages/verifier/src/argument/statement-bytes.ts',
  'packages/verifier/src/stages/einsums.ts',
  'packages/verifier/src/stages/lookups.ts',
  'packages/verifier/src/key/codec.ts',
  'packages/program/src/encoding/decode.ts',
  'packages/program/src/encoding/strict-cbor.ts',
  'packages/program/src/shape/check-form.ts',
  'packages/program/src/shape/check-steps.ts',
  'packages/program/src/shape/validate.ts',
  'packages/program/src/ranges/check-model.ts',
  'packages/program/src/ranges/derive.ts',
  'packages/program/src/ranges/determined.ts',
  'packages/program/src/ranges/form-range.ts',
  'packages/program/src/system/system.ts',
  'packages/program/src/system/work.ts',
  'packages/program/src/tables/keys.ts',
  'packages/core/src/codec/reader.ts',
  'packages/core/src/linear/ledger.ts',
  'packages/core/src/lookup/verifier.ts',
  'packages/core/src/merkle/multiproof.ts',
  'packages/core/src/pcs/parameters.ts',
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

const prover = (name) => `packages/prover/test/${name}.soundness.test.ts`;
const errors = prover('verify-errors');
const batching = prover('batching');
const forging = prover('fiat-shamir');
const ambiguous = prover('ambiguous');
const ranges = 'packages/program/test/ranges.test.ts';
const hostile = 'packages/program/test/ranges.soundness.test.ts';
const validation = 'packages/program/test/validate.test.ts';
const cbor = 'packages/program/test/strict-cbor.test.ts';
const keyCodec = 'packages/verifier/src/key/codec.test.ts';
const opening = 'packages/core/src/pcs/soundness.test.ts';

const within = (file) => (name, find, replace, test, more) => ({
  name,
  file,
  find,
  replace,
  test,
  ...more,
});

const verify = within('packages/verifier/src/verify.ts');
const argument = within('packages/verifier/src/argument/argument.ts');
const claims = within('packages/verifier/src/argument/claims.ts');
const statement = within('packages/verifier/src/argument/statement-bytes.ts');
const einsums = within('packages/verifier/src/stages/einsums.ts');
const lookups = within('packages/verifier/src/stages/lookups.ts');
const codec = within('packages/verifier/src/key/codec.ts');
const decode = within('packages/program/src/encoding/decode.ts');
const strict = within('packages/program/src/encoding/strict-cbor.ts');
const model = within('packages/program/src/ranges/check-model.ts');
const derive = within('packages/program/src/ranges/derive.ts');
const determined = within('packages/program/src/ranges/determined.ts');
const formRange = within('packages/program/src/ranges/form-range.ts');
const system = within('packages/program/src/system/system.ts');
const work = within('packages/program/src/system/work.ts');
const keys = within('packages/program/src/tables/keys.ts');
const steps = within('packages/program/src/shape/check-steps.ts');
const reader = within('packages/core/src/codec/reader.ts');
const ledger = within('packages/core/src/linear/ledger.ts');
const logup = within('packages/core/src/lookup/verifier.ts');
const merkle = within('packages/core/src/merkle/multiproof.ts');
const whir = within('packages/core/src/pcs/verifier.ts');
const parameters = within('packages/core/src/pcs/parameters.ts');
const security = within('packages/core/src/security/parameters.ts');
const sumcheck = within('packages/core/src/sumcheck/verifier.ts');
const transcript = within('packages/core/src/transcript/transcript.ts');

const mismatch = { covers: "err({ kind: 'argument/layout', field, expected, actual })" };
const wrap = { covers: "err({\n        kind: 'program/wrap'" };
const unbounded = { covers: "err({\n      kind: 'program/unbounded'" };
const many = { covers: "err({ kind: 'program/ambiguous'" };
const refusedTensor = { covers: "err({ kind: 'program/weights', tensor: tensor.name" };
const refusedSum = {
  covers: "err({\n        kind: 'program/weights',\n        tensor: 'accumulator'",
};
const badWhir = { covers: "err({ kind: 'whir/parameters'" };
const badSecurity = { covers: "err({ kind: 'security/parameters'" };

export const mutations = [
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

  // program/encoding
  decode(
    'a program of any size',
    '  if (bytes.length > LIMITS.programBytes) {',
    '  if (false) {',
    ['packages/program/test/encoding.test.ts', 'limits are checked before anything is read'],
    { covers: "err({\n      kind: 'program/limit'" },
  ),
  decode(
    'bytes that are not CBOR',
    "  if (!value.ok) return err({ kind: 'program/encoding', reason: value.error });\n",
    '',
    [cbor, 'and say what they are not'],
  ),
  decode(
    'values of other kinds',
    "  if (reader.failure !== null) return err({ kind: 'program/encoding', reason: reader.failure });\n",
    '',
    [cbor, 'a list of other things'],
  ),
  decode(
    'a program that is not valid',
    'return valid.ok ? ok(program) : valid;',
    'return ok(program);',
    [
      'packages/program/test/encoding.test.ts',
      'validation refuses a view that misses a storage axis',
    ],
  ),
  strict(
    'other encodings',
    "      return err('not the canonical encoding');",
    '      void again;',
    [cbor, 'a value that has another encoding'],
  ),
  strict(
    'what the decoder throws',
    "return err(cause instanceof Error ? cause.message : 'not CBOR');",
    'throw cause;',
    [cbor, 'a list that ends early'],
  ),
  strict('fractions', '    this.fail(`${what}: expected an integer`);\n', '', [cbor, 'a fraction']),
  strict('infinity', '    this.fail(`${what}: expected a number`);\n', '', [cbor, 'infinity']),
  strict('no text', '    this.fail(`${what}: expected text`);\n', '', [
    cbor,
    'a number for a text',
  ]),
  strict('no bytes', '    this.fail(`${what}: expected bytes`);\n', '', [cbor, 'a text for bytes']),
  strict('no list', '      this.fail(`${what}: expected a list`);\n', '', [cbor, 'no list']),
  strict(
    'lists of other lengths',
    '    this.fail(`${what}: expected a list of ${length}`);\n',
    '',
    [cbor, 'a long list'],
  ),
  strict(
    'other choices',
    "    this.fail(`${what}: expected one of ${options.join(', ')}`);\n",
    '',
    [cbor, 'another choice'],
  ),

  // shape/validate.ts, besides its single requirements and limits
  within('packages/program/src/shape/validate.ts')(
    'everything that was found',
    'return c.error === null ? ok(null) : err(c.error);',
    'return ok(null);',
    [validation, 'number of values is not that of the shape'],
  ),

  // shape/check-steps.ts
  steps(
    'digits that their relation does not have',
    "        relation?.kind === 'zero' &&\n        wholeTerms(program, relation.form, relation.dims, tensor).length > 0",
    "        relation?.kind === 'zero'",
    [validation, 'digits of another tensor'],
  ),
  steps('digits of half a tensor', ' &&\n      wholeAxes(term.view, shape, dims) !== null', '', [
    validation,
    'digits of half of it',
  ]),
  steps(
    'a value that is not the whole entry',
    'return entry !== undefined && isBare(program, entry, relation?.dims ?? [], tensor);',
    'return entry !== undefined;',
    [validation, 'a looked up value that is another'],
  ),
  steps(
    'a multiple of the value',
    'form.terms.length === 1 && form.constant === 0 && term?.coefficient === 1',
    'form.terms.length === 1 && form.constant === 0 && term !== undefined',
    [validation, 'twice the looked up value'],
  ),
  steps(
    'a remainder that is not there',
    '? wholeTerms(program, form, dims, tensor).length > 0',
    '? true',
    [validation, 'a remainder that is not there'],
  ),
  steps(
    'a quotient that is not there',
    'sums.length === 0 && wholeTerms(program, left, dims, tensor).length > 0',
    'sums.length === 0 && left !== undefined',
    [validation, 'a quotient that is not there'],
  ),

  // ranges/check-model.ts
  model(
    'a model without values',
    "    if (values === undefined) return refuse('has no values');\n",
    '    if (values === undefined) continue;\n',
    [ranges, 'a weight out of range, a missing tensor'],
    refusedTensor,
  ),
  model(
    'values of another number',
    '    if (values.length !== elementCount(tensor.shape))\n      return refuse(`has ${values.length} values, its shape needs ${elementCount(tensor.shape)}`);\n',
    '',
    [ranges, 'a weight out of range, a missing tensor'],
  ),
  model(
    'weights out of range',
    '    if (outside !== undefined)\n      return refuse(`value ${outside} is outside the declared range [${range.lo}, ${range.hi}]`);\n',
    '    void outside;\n',
    [ranges, 'a weight out of range, a missing tensor'],
  ),
  model(
    'an accumulator beyond what is declared',
    '    if (actual.lo < declared.lo || actual.hi > declared.hi) {',
    '    if (false) {',
    [ranges, 'a weight out of range, a missing tensor'],
    refusedSum,
  ),
  model(
    'biases that are not exact',
    '  if (formRange(bias, relation.dims, program.tensors, ranges) === null) return null;\n',
    '',
    [hostile, 'biases whose multiples are beyond'],
  ),
  model('products that are not exact', '    if (magnitude > EXACT) return null;\n', '', [
    hostile,
    'weights whose multiples are beyond',
  ]),

  // ranges/derive.ts
  derive(
    'a tensor without range',
    '    if (range === null) return unbounded(id);\n    enforced.push(range);',
    '    enforced.push(range ?? { lo: 0, hi: 0 });',
    [ranges, 'a tensor without range is refused'],
    unbounded,
  ),
  derive('a free output', '  if (free !== null) return unbounded(free);\n', '  void free;\n', [
    hostile,
    'an output that only a one-hot step produces',
  ]),
  derive(
    'relations that can wrap',
    "      if (!inside(interval)) return wrap('the value', interval);\n",
    '      void interval;\n',
    [ranges, 'is tight: the last table row'],
    wrap,
  ),
  derive(
    'operands beyond p',
    '          if (!inside(operandRange)) return wrap(what, operandRange);\n',
    '          void operandRange;\n',
    [hostile, 'an operand beyond p'],
  ),
  derive(
    'lookups that can wrap',
    '      if (!inside(difference)) return wrap(`entry ${i} minus its table column`, difference);\n',
    '      void difference;\n',
    [ranges, 'a lookup entry must not reach another row'],
  ),
  derive(
    'ranges that differ by p',
    'else if (known.lo - values.hi > -P && known.hi - values.lo < P) {',
    'else {',
    [ranges, 'a lookup entry must not reach another row'],
  ),
  derive('entries with a constant', ' || form.constant !== 0) return null;', ') return null;', [
    hostile,
    'the tensor and a constant',
  ]),
  derive('multiples of a tensor', 'return term.coefficient === 1 && isWhole', 'return isWhole', [
    hostile,
    'twice the tensor',
  ]),
  derive('sums over a tensor', '    term.sums.length === 0 &&\n', '', [
    hostile,
    'a sum over the tensor',
  ]),
  derive(
    'parts of a tensor',
    'wholeAxes(term.view, tensor.shape, dims) !== null',
    'term.view.length >= 0',
    [hostile, 'a view that leaves elements out'],
  ),
  derive(
    'definitions by other coefficients',
    'if (Math.abs(term.coefficient) !== 1 || !isWhole',
    'if (!isWhole',
    [hostile, 'a coefficient other than ±1'],
  ),
  derive(
    'operands of their own definition',
    '  if (relation.products.some(({ left, right }) => [...left.terms, ...right.terms].some(isOpen)))\n    return;\n',
    '',
    [hostile, 'a tensor that is an operand of its own'],
  ),

  // ranges/form-range.ts
  formRange(
    'a zero behind a reshape',
    'if (supported && !reshaped) continue;',
    'if (supported) continue;',
    [hostile, 'a zero read behind a reshape'],
  ),
  formRange(
    'a zero that a gather reads',
    '      if (factor.indices.includes(-1)) return true;\n',
    '',
    [hostile, '20,000 random sums'],
  ),
  formRange('a zero outside the axis', '    if (lo < 0 || hi >= size) return true;\n', '', [
    hostile,
    '20,000 random sums',
  ]),
  formRange(
    'sums over axes',
    'scaleInterval(scaleInterval(read, elementCount(term.sums)), term.coefficient)',
    'scaleInterval(read, term.coefficient)',
    [hostile, '20,000 random sums'],
  ),

  // ranges/determined.ts
  determined(
    'any step',
    '    if (tensors === null) {',
    '    if (false as boolean || tensors === null && program.steps.length === 0) {',
    [ambiguous, 'digits a digit of 65 values'],
    many,
  ),
  determined(
    'digits of an unknown product',
    "if (relation?.kind !== 'zero' || !this.#areKnown(relation.products)) return false;",
    "if (relation?.kind !== 'zero') return false;",
    [ambiguous, 'a rest that is not known yet'],
  ),
  determined(
    'digits of an unknown rest',
    '    const rest = form.terms.filter(({ tensor }) => !outputs.has(tensor));\n    if (!this.#isKnown({ terms: rest, constant: 0 })) return false;\n',
    '    void outputs;\n',
    [ambiguous, 'a rest that is not known yet'],
  ),
  determined('digits that are read twice', 'second !== undefined || term.sums', 'term.sums', [
    ambiguous,
    'a digit that the relation reads twice',
  ]),
  determined('coefficients that do not divide', '!Number.isInteger(ratio) || ', '', [
    ambiguous,
    'coefficients that do not divide',
  ]),
  determined('digits beyond their radix', ' || range.hi - range.lo >= ratio', '', [
    ambiguous,
    'a digit of 65 values',
  ]),
  determined('keys in two rows', 'distinct && relation.entries', 'relation.entries', [
    ambiguous,
    'one key in two rows',
  ]),
  determined(
    'keys that are not known',
    'distinct && relation.entries.slice(0, table.keys).every((entry) => this.#isKnown(entry))',
    'distinct',
    [ambiguous, 'a key that is not known yet'],
  ),
  determined(
    'a second product',
    'product === undefined || second !== undefined) return false;',
    'product === undefined) return false;',
    [ambiguous, 'a second product'],
  ),
  determined('a quotient with company', 'quotient === null || !alone ||', 'quotient === null ||', [
    ambiguous,
    'a second product, a quotient with company',
  ]),
  determined(
    'a remainder with another coefficient',
    '    if (this.#coefficient(form, dims, step.remainder) !== 1) return false;\n',
    '',
    [ambiguous, 'a remainder with another coefficient'],
  ),
  determined(
    'a negative remainder',
    '      (this.#ranges[step.remainder]?.lo ?? -1) >= 0 &&\n',
    '',
    [ambiguous, 'a remainder that may be negative'],
  ),
  determined(
    'a remainder as large as the divisor',
    ' &&\n      this.#isNonNegative(combine(divisor, remainder, -1), dims, step.remainder)',
    '',
    [ambiguous, 'a remainder that may reach the divisor'],
  ),
  determined(
    'a bound below zero',
    '            columnRange(column).lo >= 0 &&\n',
    '',
    [ambiguous, 'a remainder that may reach the divisor'],
  ),
  determined('another bound', ' &&\n            areEqual(entry, form)', '', [
    ambiguous,
    'a remainder that may reach the divisor',
  ]),
  determined(
    'limbs below zero',
    'if (reaches(combine(form, relation.form, -sign)) >= 0) return true;',
    'if (reaches(combine(form, relation.form, -sign)) > -1e9) return true;',
    [ambiguous, 'a bound that limbs give counts'],
  ),
  determined('bits that are not bits', 'if (lo < 0 || hi > 1 || ', 'if (', [
    ambiguous,
    'bits that are not bits',
  ]),
  determined(
    'an order that is not known',
    ' || !this.#isKnown(source)) return false;',
    ') return false;',
    [ambiguous, 'an order that is not known yet'],
  ),
  determined(
    'bits that do not add up to one',
    '    if (!isOne) return false;\n',
    '    void isOne;\n',
    [ambiguous, 'bits that need not add up to one'],
  ),
  determined(
    'maxima of something else',
    'if (!selects || !defines) return false;',
    'void [selects, defines];',
    [ambiguous, 'no slack, or one that is not of the maximum'],
  ),
  determined(
    'no slack',
    '      return laterBits(bit, shape, axis).some((later) =>\n        this.#isNonNegative(combine(above, later, -1), shape, output),\n      );',
    '      void above;\n      return true;',
    [ambiguous, 'ties are broken only by what says so'],
  ),
  keys('keys that come back', '    if (seen.has(key)) return false;\n', '', [
    ambiguous,
    'one pair of keys in two rows',
  ]),
  keys(
    'segments that come back',
    'if (start <= last || (rows > 1 && slope <= 0)) return false;',
    'if (start < last) return false;',
    [ambiguous, 'segments that come back to a key'],
  ),

  // system
  system('work without bounds', '  if (!bounded.ok) return bounded;\n', '  void bounded;\n', [
    validation,
    'tables of very many rows',
  ]),
  system('ranges that are not there', '  if (!ranges.ok) return ranges;\n', '', [
    ambiguous,
    'nor is one that could wrap',
  ]),
  system(
    'more than one run',
    '  if (!determined.ok) return determined;\n',
    '  void determined;\n',
    [ambiguous, 'an ambiguous program is no system'],
  ),
  system(
    'p lookups',
    '  if (lookups >= P)\n',
    '  if (lookups > 2 * P)\n',
    [prover('commitments'), 'p lookups or more'],
    { covers: "err({ kind: 'program/limit', what: 'lookups'" },
  ),
  work(
    'blocks without bounds',
    '  if (blocks > LIMITS.blocks)\n',
    '  if (false)\n',
    [validation, 'tensors in very many blocks'],
    { covers: "err({ kind: 'program/limit', what: 'blocks'" },
  ),
  work(
    'work without bounds',
    '  if (work > LIMITS.work)\n',
    '  if (false)\n',
    [validation, 'tables of very many rows'],
    { covers: "err({\n      kind: 'program/limit',\n      what: 'work of a verifier'" },
  ),

  // core/codec, linear, transcript
  reader(
    'elements beyond p',
    '    if (value < P) return value;\n',
    '    if (value >= 0) return value;\n',
    ['packages/core/src/codec/codec.test.ts', 'coordinate 0 >= p'],
  ),
  reader(
    'reading past the end',
    '    if (this.#bytes.length - this.#offset < count) {',
    '    if (false) {',
    ['packages/core/src/codec/codec.test.ts', 'truncation: every later read gives zeros'],
  ),
  reader(
    'an end that is none',
    'return this.#failed === null && this.#offset === this.#bytes.length;',
    'return this.#failed === null;',
    ['packages/core/src/codec/codec.test.ts', 'trailing bytes: not at the end'],
  ),
  ledger(
    'what is not zero',
    'return v.pads.length === 0 && isZeroK(v.constant);',
    'return v.pads.length === 0;',
    ['packages/core/src/linear/linear.test.ts', 'requireZero: only the constant zero'],
  ),
  transcript(
    'any work',
    'return bigEndian(digest) % (1n << BigInt(bits)) === 0n;',
    'return digest.length > 0;',
    ['packages/core/src/transcript/transcript.test.ts', '8 bits: another nonce fails'],
  ),
  transcript(
    'nonces that are no u64',
    '    if (nonce < 0n || nonce >= 1n << 64n) return false;\n',
    '',
    ['packages/core/src/transcript/transcript.test.ts', 'a nonce that is not a u64 fails'],
  ),

  // core/sumcheck, lookup
  sumcheck(
    'rounds that cannot be read',
    '    if (reader.failed !== null) {',
    '    if (false) {',
    ['packages/core/src/sumcheck/sumcheck.test.ts', 'any bytes truncation and extension'],
    { covers: "err({ kind: 'sumcheck/encoding'" },
  ),
  logup(
    'a top layer that cannot be read',
    "  if (reader.failed !== null) {\n    return err({ kind: 'logup/encoding', layer: variables, part: 'top', failure: reader.failed });\n  }\n",
    '',
    ['packages/core/src/lookup/lookup.test.ts', 'any bytes truncation and extension'],
  ),
  logup(
    'zero denominators',
    "  if (zero >= 0) return err({ kind: 'logup/zero-denominator', index: zero });\n",
    '  void zero;\n',
    ['packages/core/src/lookup/lookup.test.ts', '0/0: an element outside the table'],
  ),
  logup(
    'fractions that do not add up',
    "  if (!isBalanced(numerators, denominators)) return err({ kind: 'logup/sum' });\n",
    '',
    ['packages/core/src/lookup/lookup.test.ts', 'fractions that do not add up to zero (L = 5)'],
  ),
  logup(
    'rounds that cannot be read',
    "    if (reader.failed !== null) {\n      return err({ kind: 'logup/encoding', layer, part: 'round', failure: reader.failed });\n    }\n",
    '',
    ['packages/core/src/lookup/lookup.test.ts', 'any bytes truncation and extension'],
  ),
  logup(
    'a zero coordinate',
    "    if (isZeroK(rho)) return err({ kind: 'logup/zero-coordinate', layer, round });\n",
    '',
    ['packages/core/src/lookup/lookup.test.ts', 'a zero coordinate of the point'],
  ),
  logup(
    'children that cannot be read',
    "  if (reader.failed !== null) {\n    return err({ kind: 'logup/encoding', layer, part: 'children', failure: reader.failed });\n  }\n",
    '',
    ['packages/core/src/lookup/lookup.test.ts', 'any bytes truncation and extension'],
  ),
  logup(
    'layers that do not follow',
    "  if (!ledger.requireZero(subValues(claim, parent))) return err({ kind: 'logup/layer', layer });\n",
    '',
    ['packages/core/src/lookup/lookup.test.ts', 'top layer changed without changing its sum'],
  ),

  // core/merkle
  merkle(
    'any indices',
    "  if (!isSortedDistinct(indices, logLeaves)) return err({ kind: 'merkle/indices' });\n",
    '',
    ['packages/core/src/merkle/merkle.test.ts', 'no, repeated, unsorted'],
  ),
  merkle(
    'any number of leaves',
    "    return err({ kind: 'merkle/leaf-count', expected: indices.length, actual: leafHashes.length });",
    '    void leafHashes;',
    ['packages/core/src/merkle/merkle.test.ts', 'a wrong number of leaves'],
  ),
  merkle(
    'any number of siblings',
    "    return err({ kind: 'merkle/sibling-count', expected, actual: siblings.length });",
    '    void expected;',
    ['packages/core/src/merkle/merkle.test.ts', 'a missing, extra or swapped sibling'],
  ),
  merkle(
    'digests of another length',
    "    return err({ kind: 'merkle/digest' });",
    '    void siblings;',
    ['packages/core/src/merkle/merkle.test.ts', 'digests of another length'],
  ),
  merkle(
    'another root',
    "return top !== undefined && equalBytes(top.hash, root) ? ok(null) : err({ kind: 'merkle/root' });",
    'return ok(null);',
    ['packages/core/src/merkle/merkle.test.ts', 'every flipped bit of root'],
  ),

  // core/pcs
  whir(
    'messages that cannot be read',
    "return failure === null ? ok(null) : err({ kind: 'whir/encoding', oracle, part, failure });",
    'return ok(null);',
    [opening, 'every truncation is rejected'],
  ),
  whir(
    'work that is not done',
    "  return run.transcript.checkPow(bits, nonce)\n    ? ok(null)\n    : err({ kind: 'whir/proof-of-work', oracle, before });",
    '  run.transcript.checkPow(bits, nonce);\n  return ok(null);',
    [opening, 'a wrong nonce before a'],
  ),
  whir(
    'work before folds',
    "    const worked = checkPow(run, oracle, powBits, 'fold');\n    if (!worked.ok) return worked;\n",
    "    checkPow(run, oracle, powBits, 'fold');\n",
    [opening, 'a wrong nonce before a fold challenge'],
  ),
  whir(
    'work before queries',
    "  const worked = checkPow(run, oracle, shape.queryPowBits, 'query');\n  if (!worked.ok) return worked;\n",
    "  checkPow(run, oracle, shape.queryPowBits, 'query');\n",
    [opening, 'a wrong nonce before a query challenge'],
  ),
  whir(
    'rows under other roots',
    "return proof.ok ? ok(values) : err({ kind: 'whir/merkle', ...at, error: proof.error });",
    'return ok(values);',
    [opening, 'rows that are not committed'],
  ),
  whir(
    'any slots',
    "    if (!placed) return err({ kind: 'whir/slots', slot });\n",
    '    void placed;\n',
    [opening, 'slots: overlap'],
  ),
  whir(
    'no slots',
    "return slots.length > 0 ? ok(null) : err({ kind: 'whir/slots', slot: -1 });",
    'return ok(null);',
    [opening, 'no slots'],
  ),
  whir('parameters that are not valid', '  if (!valid.ok) return valid;\n', '', [
    opening,
    'invalid parameters',
  ]),
  whir('what the slots say', '  if (!placed.ok) return placed;\n', '', [
    opening,
    'slots: past the columns',
  ]),
  whir(
    'what the rows say',
    '    const opened = openOracle(run, i, shape, committed);\n    if (!opened.ok) return opened;\n',
    '    const opened = openOracle(run, i, shape, committed);\n    if (!opened.ok && i > 99) return opened;\n    if (!opened.ok) return ok(null);\n',
    [opening, 'rows that are not committed: oracle 0'],
  ),
  whir(
    'another final polynomial',
    "      return err({ kind: 'whir/final-query', index });",
    '      void index;',
    [opening, 'a final polynomial for which the claim is true'],
  ),
  whir(
    'a false claim',
    "return equalK(run.claim, mulK(weight, value)) ? ok(null) : err({ kind: 'whir/final-claim' });",
    'return run.claim.length === weight.length && value.length > 0 ? ok(null) : ok(null);',
    [opening, 'a false claim, all messages honest'],
  ),

  // core/pcs/parameters.ts, core/security/parameters.ts
  parameters(
    'any number of oracles',
    "  if (!within(oracles, 1, WHIR_LIMITS.oracles)) return bad('foldings', -1, oracles);\n",
    '',
    ['packages/core/src/pcs/parameters.test.ts', 'in foldings'],
    badWhir,
  ),
  parameters(
    'lists of another length',
    '    if (values.length !== oracles) return bad(field, -1, values.length);\n',
    '',
    ['packages/core/src/pcs/parameters.test.ts', 'in queries'],
  ),
  parameters(
    'numbers out of bounds',
    '      if (!within(value, low, high)) return bad(field, i, value);\n',
    '      void [low, high, value, i];\n',
    ['packages/core/src/pcs/parameters.test.ts', 'an oracle without queries'],
  ),
  parameters(
    'foldings out of bounds',
    "    if (!within(k, 1, most)) return bad('foldings', i, k);\n",
    '    void [k, most];\n',
    ['packages/core/src/pcs/parameters.test.ts', 'in foldings'],
  ),
  parameters(
    'columns of any length',
    "  if (!within(p.logRows, 0, TWO_ADICITY)) return bad('logRows', -1, p.logRows);\n",
    '',
    ['packages/core/src/pcs/parameters.test.ts', 'bad column counts and lengths'],
  ),
  parameters(
    'any number of columns',
    "  if (!within(p.columns, 1, 2 ** (p.foldings[0] ?? 0))) return bad('columns', -1, p.columns);\n",
    '',
    ['packages/core/src/pcs/parameters.test.ts', 'bad column counts and lengths'],
  ),
  parameters(
    'any final polynomial',
    "  if (!within(final, 0, WHIR_LIMITS.finalVariables)) return bad('finalVariables', -1, final);\n",
    '',
    ['packages/core/src/pcs/parameters.test.ts', 'more final variables than 8'],
  ),
  parameters(
    'domains without a root of unity',
    "    if (shape.logDomain > TWO_ADICITY) return bad('logDomain', i, shape.logDomain);\n",
    '',
    ['packages/core/src/pcs/parameters.test.ts', 'a domain without a root of unity'],
  ),
  parameters(
    'rates that rise',
    '    if (!within(shape.logInverseRate, low, high)) {',
    '    if (false && within(low, high, i)) {',
    ['packages/core/src/pcs/parameters.test.ts', 'a rate that rises'],
  ),
  security('what WHIR says', '  if (!whir.ok) return whir;\n', '  void whir;\n', [
    keyCodec,
    'whir.queries out of bounds',
  ]),
  security(
    'numbers out of bounds',
    '    if (!(Number.isInteger(value) && value >= low && value <= high)) {',
    '    if (value === low - 1e9 && value > high && field.length > 99) {',
    ['packages/core/src/security/derive.test.ts', 'rejects a bad'],
    badSecurity,
  ),
];
