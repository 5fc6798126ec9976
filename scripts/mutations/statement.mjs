import { prover, within } from './mutation.mjs';

const errors = prover('verify-errors');
const tests = 'packages/verifier/src/argument/statement-bytes.test.ts';
const statement = within('packages/verifier/src/argument/statement-bytes.ts');

/** A part of what S0 absorbs, left out: the rest is the same for two statements that differ in it. */
const part = (name, find, replace, test) =>
  statement(`S0 without ${name}`, find, replace, [tests, `S0 absorbs ${test ?? name}`]);

const REGISTERED = '[key.model.root, bytesOfK(key.model.yReg), registration]';
const NAMED = "[name, 'committed', named.root, bytesOfK(named.yReg)]";
const RENEWED = '[renews.of, renews.tailRows, earlier.root, bytesOfK(earlier.yReg)]';

export const statementBytes = [
  part('the parameters', '    encodeParameters(key.parameters),\n', ''),
  part('the program', '    key.programDigest,\n', ''),
  part(
    'what is shown and what is hidden',
    '    visibilityValue(key.visibility),\n',
    '',
    'the tail of the weights',
  ),
  part("the model's root", REGISTERED, '[bytesOfK(key.model.yReg), registration]'),
  part("the model's answers", REGISTERED, '[key.model.root, registration]'),
  part('the registration', REGISTERED, '[key.model.root, bytesOfK(key.model.yReg)]'),
  part('public values', "[name, 'public', i32Bytes(shown)]", "[name, 'public']"),
  part('the root of a committed port', NAMED, "[name, 'committed', bytesOfK(named.yReg)]"),
  part('the answers of a committed port', NAMED, "[name, 'committed', named.root]"),
  part('the root that is renewed', RENEWED, '[renews.of, renews.tailRows, bytesOfK(earlier.yReg)]'),
  part(
    'the answers of the root that is renewed',
    RENEWED,
    '[renews.of, renews.tailRows, earlier.root]',
  ),
  part(
    'the tail of the root that is renewed',
    RENEWED,
    '[renews.of, earlier.root, bytesOfK(earlier.yReg)]',
  ),
  part('what is renewed', RENEWED, '[renews.tailRows, earlier.root, bytesOfK(earlier.yReg)]'),
  part('the nonce', '    statement.nonce,\n', ''),

  statement(
    'an earlier root where none is renewed, or none where one is',
    '  if ((earlier === undefined) !== (key.visibility.renews === undefined)) {\n',
    '  if (earlier === null) {\n',
    [tests, 'a root that is renewed, where one is'],
    { covers: "err({ kind: 'statement/earlier' });\n  }" },
  ),
  statement(
    'an earlier root of any form',
    "  if (earlier !== undefined && !isNamed(earlier, key)) return err({ kind: 'statement/earlier' });\n",
    '',
    [tests, 'statement/earlier, statement/commitment: a short root'],
  ),
  statement(
    'what is given as it is not shown',
    '    if (mistaken !== null) return err(mistaken);\n',
    '',
    [tests, 'a committed port in the clear as well'],
  ),
  statement(
    'ports that the program does not have',
    "    if (!ports.some((port) => port.name === name)) return { kind: 'statement/unknown', port: name };\n",
    '    void name;\n',
    [tests, 'values of no port'],
  ),
  statement(
    'names of ports that the program does not have',
    '[...values.keys(), ...committed.keys()]',
    '[...values.keys()]',
    [tests, 'a name of no port'],
  ),
  statement(
    'values that are not public',
    "      values.has(name) !== (kind === 'public') ||\n",
    "      (kind === 'public' && !values.has(name)) ||\n",
    [tests, 'a hidden port in the clear'],
  ),
  statement(
    'public ports without values',
    "      values.has(name) !== (kind === 'public') ||\n",
    "      (kind !== 'public' && values.has(name)) ||\n",
    [tests, 'a public port without values'],
  ),
  statement(
    'names of what is not committed',
    "      committed.has(name) !== (kind === 'committed')\n",
    "      (kind === 'committed' && !committed.has(name))\n",
    [tests, 'a public port by name as well'],
  ),
  statement(
    'committed ports without names',
    "      committed.has(name) !== (kind === 'committed')\n",
    "      (kind !== 'committed' && committed.has(name))\n",
    [tests, 'a committed port without its name'],
  ),
  statement('roots of any length', 'root.length === DIGEST_BYTES && ', '', [
    tests,
    'statement/commitment: a long root',
  ]),
  statement(
    'names of any number of answers',
    ' && yReg.length === model.yReg.length',
    ' && model',
    [tests, 'statement/commitment: too few answers'],
  ),
  statement('names of every shape', ' && !isConstant(yReg);', ';', [
    tests,
    'statement/commitment: answers of every shape',
  ]),
  statement(
    'names of any form',
    "        return err({ kind: 'statement/commitment', port: port.name });\n",
    '        void isNamed;\n',
    [tests, 'statement/commitment: a short root'],
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
];
