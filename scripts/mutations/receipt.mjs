import { within } from './mutation.mjs';

const resolved = 'packages/verifier/src/receipt/ports.test.ts';
const judged = 'packages/verifier/src/receipt/verify.test.ts';

const decode = within('packages/verifier/src/receipt/decode.ts');
const digests = within('packages/verifier/src/receipt/digests.ts');
const ports = within('packages/verifier/src/receipt/ports.ts');
const verify = within('packages/verifier/src/receipt/verify.ts');

export const receipt = [
  // receipt/decode.ts: what is hidden
  decode(
    'hidden that is not true',
    "    if (fields['hidden'] !== true) reader.expected(`${path}.hidden`, 'true');\n",
    '',
    [resolved, 'is refused with hidden that is not true'],
  ),
  decode(
    'values beside what is hidden',
    "    const fields = reader.object(value, path, ['name', 'hidden']);",
    "    const fields = reader.object(value, path, ['name', 'hidden', ...(reader.has(value, 'values') ? ['values'] : [])]);",
    [resolved, 'is refused with values beside hidden'],
  ),
  decode(
    'roots of any length',
    "reader.hex(committed['root'], `${at}.root`, 32)",
    "reader.hex(committed['root'], `${at}.root`, 0, 99)",
    [resolved, 'is refused with a root cut short'],
  ),
  decode('tails of no rows', '`${at}.tailRows`, 1, ', '`${at}.tailRows`, 0, ', [
    resolved,
    'is refused with a tail of no rows',
  ]),
  decode('tails of any length', ', 1, RECEIPT_LIMITS.tailRows)', ', 1, 2 ** 40)', [
    resolved,
    'is refused with a tail longer than any column',
  ]),
  decode(
    'weights of any kind',
    "  if (fields['weights'] !== weights) reader.expected(`${path}.weights`, 'public or hidden');\n",
    '',
    [resolved, 'is refused with weights of another kind'],
  ),
  decode(
    'answers that are no field elements',
    "    if (!words.atEnd) reader.expected(path, 'a list of field elements');\n",
    '',
    [resolved, 'is refused with an answer outside the field'],
  ),
  decode('any number of answers', 'path, RECEIPT_LIMITS.registeredAnswers)', 'path, 1e9)', [
    resolved,
    'is refused with very many answers',
  ]),

  // receipt/digests.ts
  digests(
    'committed ports in the subject',
    'return commitmentName(port.root, port.yReg);',
    'return HIDDEN;',
    [resolved, 'has a subject that tells apart'],
  ),

  // receipt/ports.ts
  ports(
    'values that the digest is not of',
    'return equalBytes(valuesDigest(own), stated.digest) ? null : { kind, port, index: null };',
    'return valuesDigest(own) !== stated.digest ? null : { kind, port, index: null };',
    [judged, 'may hold digests where the verifier has the values'],
  ),
  ports(
    'other values than the verifier has',
    '  return index < 0 ? null : { kind, port, index };',
    '  return index < 1e9 ? null : { kind, port, index };',
    [judged, 'rejected another input'],
  ),
  ports(
    'any number of values',
    "  if (actual !== expected) return length('receipt', actual);\n",
    '  void actual;\n',
    [judged, 'rejected too few values'],
    { covers: "err({ kind: 'verdict/port-length', side, of, port: port.name, expected, actual })" },
  ),
  ports(
    'values that nobody has',
    "      ? err({ kind: 'verdict/values-needed', side, port: port.name })",
    "      ? resolved(new Int32Array(expected), 'from receipt')",
    [judged, 'rejected values missing from the receipt'],
  ),
  ports(
    'any number of own values',
    "  if (own.length !== expected) return length('own', own.length);\n",
    '',
    [judged, 'rejected own values of another length'],
  ),
  ports(
    'other values',
    "return difference === null ? resolved(own, 'checked') : err(difference);",
    "return difference === null ? resolved(own, 'checked') : resolved(own, 'checked');",
    [judged, 'rejected another output'],
  ),
  ports(
    'another name of a committed port',
    "    return err({ kind: 'verdict/commitment-name', side, port, expected, actual: name });\n",
    '    void expected;\n',
    [resolved, 'own values and names another name'],
  ),
  ports(
    'names of public ports',
    '    return name === undefined\n      ? resolvePublic(side, port, stated, mine)',
    '    return name === undefined || name.length > 0\n      ? resolvePublic(side, port, stated, mine)',
    [resolved, 'a name of a public port'],
    {
      covers:
        "err({\n          kind: 'verdict/commitment-name',\n          side,\n          port: port.name,\n          expected: name,",
    },
  ),
  ports(
    'values of what is not shown',
    "    return err({ kind: 'verdict/not-shown', side, port: port.name, shown: stated.kind });\n",
    '    void mine;\n',
    [resolved, 'values of a committed port'],
  ),
  ports(
    'names of hidden ports',
    "    return err({ kind: 'verdict/commitment-name', side, port: port.name, expected, actual: null });\n",
    '    void expected;\n',
    [resolved, 'a name of a hidden port'],
  ),
  ports(
    'other ports',
    "  if (!sameNames(ports, names) || new Set(names).size !== names.length) return mismatch('receipt');\n",
    '  void sameNames;\n',
    [judged, 'rejected an output port of another name'],
    { covers: "err({ kind: 'verdict/ports', side, of, expected })" },
  ),
  ports('two ports of one name', ' || new Set(names).size !== names.length', '', [
    judged,
    'a program with two ports of one name',
  ]),
  ports(
    'own ports that the program does not have',
    "    if (!expected.includes(name)) return mismatch('own');\n",
    '    void name;\n',
    [resolved, 'a name of a port that the model does not have'],
  ),
  ports(
    'public values left out',
    "  if (mine !== undefined && !open.every(({ name }) => mine.has(name))) return mismatch('own');\n",
    '  void [mine, open];\n',
    [resolved, 'public values left out'],
  ),

  // receipt/verify.ts
  verify(
    'another root',
    "  if (!equalBytes(body.model.root, key.model.root)) return { kind: 'verdict/model', field: 'root' };\n",
    '',
    [judged, 'rejected another root'],
  ),
  verify(
    'other answers',
    "    return { kind: 'verdict/model', field: 'yReg' };\n",
    '    void body;\n',
    [judged, 'rejected another registered answer'],
  ),
  verify(
    'weights shown otherwise',
    "    return { kind: 'verdict/model', field: 'weights' };\n",
    '    void body;\n',
    [judged, 'rejected weights shown otherwise'],
  ),
  verify(
    'another title',
    "return body.model.title === key.program.name ? null : { kind: 'verdict/model', field: 'title' };",
    'return null;',
    [judged, 'rejected another title'],
  ),
  verify(
    'another suite',
    "  if (suite.name !== SUITE_NAME) return { kind: 'verdict/suite', field: 'name' };\n",
    '',
    [judged, 'rejected another suite'],
  ),
  verify(
    'other security',
    "    return { kind: 'verdict/suite', field: 'securityBits' };\n",
    '    void suite;\n',
    [judged, 'rejected other security'],
  ),
  verify(
    'a proof that is not there',
    "    return { kind: 'verdict/proof-needed', file: location.file };\n",
    '    void location;\n',
    [judged, 'rejected a proof missing from the receipt'],
  ),
  verify(
    'another proof than the one named',
    'return bytes !== undefined && equalBytes(keccak256(bytes), digest)',
    'return bytes !== undefined && digest.length > 0',
    [judged, 'rejected another proof than the one named'],
  ),
  verify(
    'any signature',
    "    return fail('signature', { kind: 'verdict/signature' });\n",
    '    void signature;\n',
    [judged, 'rejected a signature by somebody else'],
  ),
  verify(
    'another prover',
    "    return fail('proverKey', { kind: 'verdict/prover-key', expected, actual });\n",
    '    void [expected, actual];\n',
    [judged, 'rejected another prover'],
  ),
  verify(
    'another model than the one meant',
    "    return fail('modelName', { kind: 'verdict/model-name', expected, actual: name });\n",
    '    void expected;\n',
    [judged, 'rejected another model than the one meant'],
  ),
  verify(
    "what the receipt's model is",
    "  if (model !== null) return fail('modelName', model);\n",
    '',
    [judged, 'rejected another root'],
  ),
  verify(
    'another program',
    "    return fail('program', { kind: 'verdict/program', expected, actual });\n",
    '    void [expected, actual];\n',
    [judged, 'rejected another program'],
  ),
  verify(
    'another program than the one meant',
    '  if (program !== undefined && program !== toHex(key.programDigest)) {',
    '  if (program === toHex(key.programDigest).slice(1)) {',
    [judged, 'another program over the same weights'],
  ),
  verify('too few bits', '  if (!(key.parameters.targetBits >= bits)) {', '  if (bits < 0) {', [
    judged,
    'a key that promises less',
  ]),
  verify('what the suite is', "  if (suite !== null) return fail('suite', suite);\n", '', [
    judged,
    'rejected another suite',
  ]),
  verify('other inputs', "  if (!inputs.ok) return fail('input', inputs.error);\n", '', [
    judged,
    'rejected another input',
  ]),
  verify('other outputs', "  if (!outputs.ok) return fail('output', outputs.error);\n", '', [
    judged,
    'rejected another output',
  ]),
  verify(
    'what the columns cannot hide',
    "  if (!shown.ok) return fail('suite', { kind: 'verdict/visibility', error: shown.error });\n",
    '',
    [judged, 'what the columns of the model cannot hide'],
  ),
  verify(
    'other parameters',
    "    return fail('suite', { kind: 'verdict/suite', field: 'parameters' });\n",
    '    void shown;\n',
    [judged, 'rejected other parameters'],
  ),
  verify(
    'another nonce',
    "    return fail('nonce', { kind: 'verdict/nonce', expected, actual });\n",
    '    void [expected, actual];\n',
    [judged, 'rejected another nonce'],
  ),
  verify(
    'what the proof is',
    "  if (!(proof instanceof Uint8Array)) return fail('proof', proof);\n",
    '',
    [judged, 'rejected another proof than the one named'],
  ),
  verify(
    'what the proof says',
    "  if (!proven.ok) return fail('proof', { kind: 'verdict/proof', error: proven.error });\n",
    '',
    [judged, 'rejected a proof of another output'],
  ),
];
