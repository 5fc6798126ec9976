import { prover, within } from './mutation.mjs';

const tests = 'packages/verifier/src/key/codec.test.ts';
const prepared = 'packages/verifier/src/argument/argument.test.ts';
const registering = 'packages/verifier/src/registration.test.ts';
const renewing = 'packages/verifier/src/renewal.test.ts';

const codec = within('packages/verifier/src/key/codec.ts');
const visibility = within('packages/verifier/src/key/visibility.ts');
const derive = within('packages/verifier/src/argument/derive.ts');
const registration = within('packages/verifier/src/registration.ts');
const renewal = within('packages/verifier/src/renewal.ts');
const name = within('packages/verifier/src/commitment/name.ts');

export const keys = [
  // key/codec.ts
  codec(
    'a key of any size',
    "    return err({ kind: 'key/too-large', limit: KEY_BYTES, actual: bytes.length });",
    '    void KEY_BYTES;',
    [tests, 'too many bytes'],
  ),
  codec(
    'bytes that are not CBOR',
    "  if (!value.ok) return err({ kind: 'key/encoding', reason: value.error });\n",
    '',
    [tests, 'what is not CBOR, as such'],
  ),
  codec('another format', "  reader.choice(format, [KEY_FORMAT], 'format');\n", '', [
    tests,
    'another format',
  ]),
  codec('another suite', "  reader.choice(suite, [SUITE_NAME], 'suite');\n", '', [
    tests,
    'another suite',
  ]),
  codec(
    'values of other kinds',
    "  if (reader.failure !== null) return err({ kind: 'key/encoding', reason: reader.failure });\n",
    '',
    [tests, 'the decoder refuses a root that is text'],
  ),
  codec('parameters out of bounds', '  if (outOfBounds !== null) return err(outOfBounds);\n', '', [
    tests,
    'out of bounds',
  ]),
  codec(
    'a root of another length',
    "  if (root.length !== DIGEST_BYTES) return err({ kind: 'key/model', field: 'root' });\n",
    '',
    [tests, 'a root or answers of another length'],
  ),
  codec(
    'a registration of public weights',
    "    return err({ kind: 'key/model', field: 'registration' });\n",
    '    void visibility;\n',
    [tests, 'a registration proof of public weights'],
  ),
  codec(
    'other answers than parameters say',
    "  if (!words.atEnd) return err({ kind: 'key/model', field: 'yReg' });\n",
    '',
    [tests, 'a root or answers of another length'],
  ),
  codec(
    'any program',
    "  if (!decoded.ok) return err({ kind: 'key/program', error: decoded.error });\n",
    '',
    [tests, 'a program that is none'],
  ),

  // key/visibility.ts
  visibility(
    'tails of what has none',
    'if (kept ? tailRows < 1 : tailRows !== 0)',
    'if (kept && tailRows < 1)',
    [tests, 'a tail of a hidden port'],
    { covers: "reader.fail('tail rows: expected some, or 0 where none are')" },
  ),
  visibility(
    'what hides without a tail',
    'if (kept ? tailRows < 1 : tailRows !== 0)',
    'if (!kept && tailRows !== 0)',
    [tests, 'hidden weights without a tail'],
  ),
  visibility(
    'weights neither public nor hidden',
    "reader.choice(name, ['public', 'hidden'], 'weights visibility')",
    "(reader.text(name, 'weights visibility') as 'public')",
    [tests, 'weights neither public nor hidden'],
  ),
  visibility(
    'ports of any visibility',
    "reader.choice(name, ['public', 'hidden', 'committed'], 'port visibility')",
    "(reader.text(name, 'port visibility') as 'public')",
    [tests, 'a port of no visibility'],
  ),

  ...[
    [
      'whether weights are hidden',
      'return [entryValue(weights), inputs',
      'return [inputs',
      'the weights',
    ],
    [
      'tails',
      "'tailRows' in v ? v.tailRows : 0];",
      "'tailRows' in v ? 0 : 0];",
      'a committed port',
    ],
    ['inputs', 'inputs.map(entryValue), ', '', 'a committed port'],
  ].map(([what, find, replace, tail]) =>
    visibility(`a visibility without ${what}`, find, replace, [
      'packages/verifier/src/argument/statement-bytes.test.ts',
      `S0 absorbs the tail of ${tail}`,
    ]),
  ),
  visibility('a visibility without outputs', ', outputs.map(entryValue)]', ']', [
    tests,
    'is read back with everything hidden',
  ]),

  // argument/derive.ts
  derive(
    'weights shown otherwise than they were committed',
    "  if (!sameVisibility(everywhere, own)) return err({ kind: 'argument/visibility' });\n",
    '  void [everywhere, own];\n',
    [prepared, 'does not show its weights otherwise'],
  ),
  derive(
    'tails that leave columns no room',
    '  if (!tailsFit(program, logRows, profile)) return null;\n',
    '  void tailsFit;\n',
    [prepared, 'has room for every tail'],
  ),
  derive(
    'ports that the program does not have',
    '  if (!derivedSystem.ok) return derivedSystem;\n',
    '',
    [prepared, 'is of ports that the program has'],
  ),
  derive(
    'what the derivation says',
    "      : err({ kind: 'argument/program', error: derived.error });",
    '      : ok(key);',
    [prepared, 'is of ports that the program has'],
  ),
  derive(
    'what nothing can hide',
    "      return err({ kind: 'argument/infeasible', reason: cause.shortMessage });",
    '      return ok(key);',
    [prepared, 'has room for every tail'],
  ),

  // registration.ts
  registration(
    'weights whose ranges nothing shows',
    "  if (!program.ok) return err({ kind: 'argument/program', error: program.error });\n",
    '',
    [registering, 'whose ranges nothing can show'],
  ),
  registration(
    'no registration',
    "  if (key.registration === null) return err({ kind: 'proof/unregistered' });\n",
    '  if (key.registration === null) return ok({ securityBits: 0 });\n',
    [registering, 'without a registration proof'],
  ),
  registration('a key that cannot be registered', '  if (!own.ok) return own;\n', '', [
    registering,
    'in columns that cannot hide them',
  ]),
  registration('tails too short for it', '  if (!argument.ok) return argument;\n', '', [
    registering,
    'whose tail is too short',
  ]),
  registration(
    'what the proof says',
    "return verified.ok ? verified : err({ kind: 'proof/registration', error: verified.error });",
    'return verified.ok ? verified : ok({ securityBits: 0 });',
    [registering, 'are not registered by something else'],
  ),
  registration(
    'what was registered',
    'return registered.ok ? ok({ ...prepared.value, registered: true }) : registered;',
    'return registered.ok ? registered && ok({ ...prepared.value, registered: true }) : ok({ ...prepared.value, registered: true });',
    [registering, 'are not registered by something else'],
  ),
  registration(
    'the program that is registered',
    'const program = registrationProgram(key.program);',
    "const wider = (t: (typeof key.program.tensors)[0]) => t.role === 'model' && t.range ? { ...t, range: { lo: t.range.lo - 1, hi: t.range.hi + 1 } } : t;\n  const program = registrationProgram({ ...key.program, tensors: key.program.tensors.map(wider) });",
    [prover('commitments-hidden'), 'a weight above its range'],
  ),

  // renewal.ts
  renewal(
    'roots that cannot stand for the same values',
    "  if (parts === null) return err({ kind: 'proof/renewal' });\n",
    '',
    [renewing, 'has no root of another shape'],
  ),
  renewal(
    'tensors in columns of other length',
    'if (logRows !== earlier.logRows || logInverseRate !== earlier.logInverseRate) return null;',
    'if (logInverseRate !== earlier.logInverseRate) return null;',
    [renewing, 'a committed tensor has no root of another column length'],
  ),
  renewal(
    'tensors of another rate',
    'if (logRows !== earlier.logRows || logInverseRate !== earlier.logInverseRate) return null;',
    'if (logRows !== earlier.logRows) return null;',
    [renewing, 'a committed tensor has no root of another rate'],
  ),
  renewal(
    'tensors of another shape',
    '    if (!sameNumbers(shape, earlier.shape)) return null;\n',
    '    void sameNumbers;\n',
    [renewing, 'has no root of another shape'],
  ),
  renewal(
    'new names of every shape',
    'if (isConstant(renewed.yReg) || isConstant(earlier.yReg)) return null;',
    'if (isConstant(earlier.yReg)) return null;',
    [renewing, 'has names that are those of one shape'],
  ),
  renewal(
    'earlier names of every shape',
    'if (isConstant(renewed.yReg) || isConstant(earlier.yReg)) return null;',
    'if (isConstant(renewed.yReg)) return null;',
    [renewing, 'has names that are those of one shape'],
  ),
  renewal('tensors of more axes', 'a.length === b.length && ', '', [
    renewing,
    'has no root of an axis',
  ]),
  renewal(
    'weights that were public',
    "if (old.kind === 'public' || own.kind === 'public') return null;",
    "if (own.kind === 'public') return null;",
    [renewing, 'has no root whose weights are public'],
  ),
  renewal(
    'weights that are public',
    "if (old.kind === 'public' || own.kind === 'public') return null;",
    "if (old.kind === 'public') return null;",
    [renewing, 'has no root whose weights are public'],
  ),
  renewal(
    'models of another program',
    '  if (!equalBytes(earlier.programDigest, renewed.programDigest)) return null;\n',
    '',
    [renewing, 'has no root of another program'],
  ),
  renewal(
    'models in columns of other length',
    'if (whir.logRows !== before.logRows || logInverseRate',
    'if (logInverseRate',
    [renewing, 'a private model has no root of another column length'],
  ),
  renewal(
    'models of another rate',
    ' || logInverseRate !== before.logInverseRates[0]) return null;',
    ') return null;',
    [renewing, 'a private model has no root of another rate'],
  ),
  renewal('columns that cannot hide them', '  if (!key.ok) return key;\n', '', [
    renewing,
    'is in columns that can hide it',
  ]),
  renewal('tails too short for it', '  if (!argument.ok) return argument;\n', '', [
    renewing,
    'is opened no more than tails have room for',
  ]),
  renewal(
    'the root that is renewed',
    '  const { root, yReg } = parts.earlier;\n',
    '  const { root, yReg } = parts.name;\n',
    [prover('names'), 'of a committed tensor'],
  ),

  // commitment/name.ts
  name('the tail that a name binds', 'return [tailRows, ...shape];', 'return [...shape];', [
    prover('commitments-hidden'),
    'weights public the name of the same columns with other tails',
  ]),
  name('the shape that a name binds', 'return [tailRows, ...shape];', 'return [tailRows];', [
    prover('commitments-hidden'),
    'weights public the name of the same columns in another shape',
  ]),
  name(
    'answers in a name',
    'keccak256(COMMITMENT_DOMAIN, root, bytesOfK(yReg))',
    'keccak256(COMMITMENT_DOMAIN, root, bytesOfK(yReg).slice(0, 0))',
    ['packages/verifier/src/commitment/commitment.test.ts', 'has a name that is not'],
  ),
];
