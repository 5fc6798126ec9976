import { prover, within } from './mutation.mjs';

const errors = prover('verify-errors');
const batching = prover('batching');
const names = prover('names');
const committed = prover('commitments-hidden');
const prepared = 'packages/verifier/src/argument/argument.test.ts';

const verify = within('packages/verifier/src/verify.ts');
const argumentAlone = within('packages/verifier/src/verify-argument.ts');
const argument = within('packages/verifier/src/argument/argument.ts');
const claims = within('packages/verifier/src/argument/claims.ts');
const commitments = within('packages/verifier/src/argument/commitments.ts');
const pads = within('packages/verifier/src/argument/pads.ts');

const mismatch = { covers: "err({ kind: 'argument/layout', field, expected, actual })" };

export const verifier = [
  // verify.ts
  verify(
    'weights that nobody has registered',
    "  if (key.visibility.weights.kind === 'hidden' && !registered) {",
    '  if (key.visibility === null && !registered) {',
    ['packages/verifier/src/registration.test.ts', 'have no proofs before'],
    { covers: "err({ kind: 'proof/unregistered' })" },
  ),

  // verify-argument.ts
  argumentAlone(
    'a proof of any size',
    "  if (bytes.length > PROOF_BYTES) return err({ kind: 'proof/format', reason: 'too-large' });\n",
    '',
    [errors, 'proof/format: too-large'],
  ),
  argumentAlone(
    'any magic',
    "  if (!equalBytes(reader.bytes(PROOF_MAGIC.length), PROOF_MAGIC))\n    return err({ kind: 'proof/format', reason: 'magic' });\n",
    '  reader.bytes(PROOF_MAGIC.length);\n',
    [errors, 'proof/format: magic'],
  ),
  argumentAlone(
    'a header that is cut off',
    "  if (reader.failed !== null) return err({ kind: 'proof/format', reason: reader.failed });\n  return version",
    '  return version',
    [errors, 'proof/format: truncated'],
  ),
  argumentAlone(
    'any version',
    "return version === PROOF_VERSION ? ok(reader) : err({ kind: 'proof/format', reason: 'version' });",
    'return ok(reader);',
    [errors, 'proof/format: version'],
  ),
  argumentAlone('a statement that is none', '  if (!known.ok) return known;\n', '', [
    errors,
    'statement/missing',
  ]),
  argumentAlone('what the header says', '  if (!header.ok) return header;\n', '', [
    errors,
    'proof/format: magic',
  ]),
  argumentAlone('what S4 says', '  if (!lookup.ok) return lookup;\n', '', [errors, 'proof/lookup']),
  argumentAlone('what S5 says', '  if (!einsums.ok) return einsums;\n', '', [
    errors,
    'proof/operands',
  ]),
  argumentAlone('what S1 to S5 say', '  if (!messages.ok) return messages;\n', '', [
    errors,
    'proof/operands',
  ]),
  argumentAlone(
    'a nonce of S7 that is cut off',
    "  if (reader.failed !== null) return err({ kind: 'proof/format', reason: reader.failed });\n  if (!transcript",
    '  if (!transcript',
    [errors, 'proof/format in the products'],
  ),
  argumentAlone(
    'any nonce in S7',
    "if (!transcript.checkPow(batchPowBits, nonce)) return err({ kind: 'proof/pow', step: 'S7' });",
    'transcript.checkPow(batchPowBits, nonce);',
    [errors, 'proof/pow'],
  ),
  argumentAlone(
    'what the opening says',
    "  if (!opened.ok) return err({ kind: 'proof/opening', error: opened.error });\n",
    '',
    [errors, 'proof/opening'],
  ),
  argumentAlone(
    'bytes after the end',
    "  if (!reader.atEnd)\n    return err({ kind: 'proof/format', reason: reader.failed ?? 'trailing-bytes' });\n",
    '',
    [errors, 'proof/format: trailing-bytes'],
  ),
  argumentAlone('committed ports under one root', 'root: values.root,', 'root: key.model.root,', [
    committed,
    'weights public control',
  ]),
  argumentAlone(
    'any earlier root',
    'root: statement.earlier.root, salted',
    'root: key.model.root, salted',
    [names, 'of a committed tensor'],
  ),

  // argument.ts
  argument(
    'any program',
    "  if (!derived.ok) return err({ kind: 'argument/program', error: derived.error });\n",
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
    'tails longer than columns',
    "    if (rows >= 2 ** whir.logRows) return mismatch('tail rows', 2 ** whir.logRows - 1, rows);\n",
    '    void rows;\n',
    [prepared, 'leaves the witness a tail'],
    mismatch,
  ),
  argument(
    'static tails longer than columns',
    'of [tailRows, ...staticTails(visibility)]',
    'of [tailRows]',
    [prepared, 'leaves an input a tail'],
  ),
  argument(
    'ports that contradict each other',
    "  if (twice !== null) return err({ kind: 'argument/ports', port: twice });\n",
    '  void twice;\n',
    [prepared, 'shows one tensor in one way'],
  ),
  argument('one tensor, shown in two ways', 'known !== kind || ', '', [
    prepared,
    'shows one tensor in one way',
  ]),
  argument(
    'one tensor, committed twice',
    "(known !== kind || kind === 'committed')",
    '(known !== kind)',
    [prepared, 'shows one tensor in one way'],
  ),
  argument(
    'an input that is an output as well',
    "  const kinds = new Map<number, PortVisibility['kind']>();\n  for (const side of ['inputs', 'outputs'] as const) {\n",
    "  for (const side of ['inputs', 'outputs'] as const) {\n    const kinds = new Map<number, PortVisibility['kind']>();\n",
    [prepared, 'shows one tensor in one way'],
  ),
  argument(
    'openings that show what is hidden',
    "    return mismatch('blinding', Number(hiding), Number(whir.blinding !== null));\n",
    '    void mismatch;\n',
    [prepared, 'blinds its openings'],
  ),
  argument(
    'tails that show what is hidden',
    'if (hiding ? tailRows < least : tailRows !== 0)',
    'if (hiding ? false : tailRows !== 0)',
    [prepared, 'leaves the witness a tail'],
  ),
  argument(
    'tails where nothing is hidden',
    'if (hiding ? tailRows < least : tailRows !== 0)',
    'if (hiding && tailRows < least)',
    [errors, 'argument/layout: tailRows'],
  ),
  argument(
    'static tails that show what is hidden',
    "    if (rows < opened) return mismatch('static tail rows', opened, rows);\n",
    '    void opened;\n',
    [prepared, 'leaves weights a tail'],
  ),
  argument(
    'the tail of the weights',
    '[weights, ...inputs, ...outputs, ...',
    '[...inputs, ...outputs, ...',
    [prepared, 'leaves weights a tail'],
  ),
  argument('tails of inputs', '[weights, ...inputs, ...outputs, ...', '[weights, ...outputs, ...', [
    prepared,
    'leaves an input a tail',
  ]),
  argument('tails of outputs', '[weights, ...inputs, ...outputs, ...', '[weights, ...inputs, ...', [
    prepared,
    'leaves an output a tail',
  ]),
  argument(
    'the tail of a root that is renewed',
    '...(renews === undefined ? [] : [renews])',
    '...(renews === undefined ? [] : [])',
    ['packages/verifier/src/renewal.test.ts', 'no more than tails have room'],
  ),
  argument(
    'other columns than the layout has',
    "  if (whir.columns !== columns) return mismatch('columns', columns, whir.columns);\n",
    '',
    [errors, 'argument/layout: columns'],
  ),
  argument(
    'other variables than the layout has',
    "  if (totalVariables(whir) !== variables)\n    return mismatch('variables', variables, totalVariables(whir));\n",
    '',
    [errors, 'argument/layout: variables'],
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
  argument(
    'roots of committed ports, counted',
    "    ports.filter(({ kind }) => kind === 'committed').length +\n",
    '    (ports.length && 0) +\n',
    [prepared, 'no fewer claims than there are'],
  ),
  argument(
    'an earlier root, counted',
    '    (visibility.renews === undefined ? 0 : 1);',
    '    (visibility.renews === undefined ? 0 : 0);',
    ['packages/verifier/src/renewal.test.ts', 'counts the claims of both roots'],
  ),
  argument('the claim of S6, counted', '      (hiding ? 1 : 0),', '      0,', [
    prepared,
    'no fewer claims than there are',
  ]),
  argument('products, counted', '    products: padShape(system).products,', '    products: 0,', [
    prepared,
    'as many products and checks',
  ]),
  argument('checks of LogUp, counted', '(lookups.total > 0 ? lookups.variables : 0)', '0', [
    prepared,
    'as many products and checks',
  ]),
  argument('the check of the sumcheck, counted', ' : 0) + batched : 0,', ' : 0) : 0,', [
    prepared,
    'as many products and checks',
  ]),
  argument('registration taken for granted', 'pads, registered: false', 'pads, registered: true', [
    'packages/verifier/src/registration.test.ts',
    'have no proofs before',
  ]),

  // claims.ts: claims that are left out, and coefficients that are all one
  claims(
    "registered pairs of the model's root",
    '  const claims = registeredClaims(argument, key.model, model, modelBinding(argument, model));',
    '  const claims: Claim[] = []; void [key, model];',
    [prover('commitments'), 'a root with a wrong registered pair'],
  ),
  claims(
    'registered pairs of the earlier root',
    '    claims.push(...registeredClaims(argument, statement.earlier, earlier, binding));\n',
    '    void binding;\n',
    [names, 'of a private model'],
  ),
  claims(
    'registered pairs of committed ports',
    '    claims.push(...registeredClaims(argument, values, span, binding));\n',
    '    void [values, span, binding];\n',
    [committed, 'weights public a wrong registered answer'],
  ),
  claims(
    'all registered pairs but the first',
    '  return registeredPoints(shape, registeredSamples).map(',
    '  return registeredPoints(shape, Math.min(1, registeredSamples)).map(',
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
    '    claim(denominator, addValues(t.lookup.denominator, blinded));\n',
    '    void [denominator, blinded];\n',
    [batching, 'denominators alone'],
  ),
  claims(
    'the blind fraction',
    'const blinded = system.hiding\n',
    'const blinded = system === null\n',
    [prepared, 'the blind fraction is in exactly one claim'],
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
  claims(
    'the checks of S6',
    '  if (checks !== null) claim({ terms: [], constant: ZERO }, checks);\n',
    '  void checks;\n',
    [batching, 'the same in a layer above is found one layer on'],
  ),
  claims('λ', '    power = mulK(power, lambda);\n', '', [batching, 'two relations with swapped']),
  claims('γ', '    power = mulK(power, gamma);\n', '', [
    batching,
    'relations without: an error in one relation',
  ]),
  claims('the pads of joined claims', '  if (pads.length > 0) {', '  if (pads.length < 0) {', [
    prepared,
    'pads are in the joined claim',
  ]),
  claims(
    'public values',
    'value: addValues(value, constantValue(negK(committed.constant))),',
    'value,',
    [prepared, 'public values are in the claims'],
  ),

  // commitments.ts, pads.ts
  commitments(
    'what the name of a renewed tensor binds',
    "  if (key.visibility.renews?.of !== 'tensor') return tailBinding(span);\n",
    '  if (key.visibility.renews !== null) return tailBinding(span);\n',
    [names, 'of a committed tensor'],
  ),
  commitments(
    'tails that the name of a model binds',
    'return tailRows === 0 ? [] : [tailRows];',
    'return tailRows === 0 ? [] : [];',
    [names, 'the name of a private model in other tails'],
  ),
  commitments(
    'ports that are committed',
    "      .filter((_, i) => visibility[side][i]?.kind === 'committed')\n",
    '      .filter((_, i) => visibility[side][i]?.kind === undefined)\n',
    [prepared, 'no fewer claims than there are'],
  ),
  pads(
    'operands in the clear',
    'return [secretForm(system, product.left), secretForm(system, product.right)];',
    'return [secretForm(system, product.left) && false, false];',
    [prepared, 'operands that read something secret'],
  ),
  pads(
    'pads of what everybody knows',
    'return [secretForm(system, product.left), secretForm(system, product.right)];',
    'return [secretForm(system, product.left) || true, true];',
    [prepared, 'operands that read something secret'],
  ),
];
