import { readFileSync } from 'node:fs';
import { within } from './mutation.mjs';

const folder = 'packages/program/src/trace';
const codecTest = `${folder}/codec.test.ts`;
const verifyTest = `${folder}/verify.test.ts`;
const checkTest = `${folder}/check.test.ts`;

const bytes = within(`${folder}/bytes.ts`);
const codec = within(`${folder}/codec.ts`);
const check = within(`${folder}/check.ts`);
const structure = within(`${folder}/structure.ts`);
const verify = within(`${folder}/verify.ts`);

/** What the structure checker requires: each taken out in turn. */
function required() {
  const file = `${folder}/structure.ts`;
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  return [...text.matchAll(/this\.require\(/g)].map((match, i) => ({
    name: `structure requirement ${i + 1}`,
    file,
    offset: match.index,
    length: match[0].length,
    replace: '((..._: unknown[]) => true)(',
    test: [codecTest, 'structure'],
  }));
}

export const traceFiles = ['bytes.ts', 'codec.ts', 'structure.ts', 'verify.ts'].map(
  (name) => `${folder}/${name}`,
);

export const trace = [
  ...required(),
  structure(
    'the structure of what is decoded',
    'return checker.error === null ? ok(null) : err(checker.error);',
    'return ok(null);',
    [codecTest, 'structure'],
  ),
  bytes('trailing bytes', "this.fail('trailing')", 'undefined', [codecTest, 'every length but']),
  bytes('integers of 2^53', "    this.fail('integer');\n    return 0;", '    return value;', [
    codecTest,
    'a bias of 2^53',
  ]),
  bytes('long lists', "    if (count > limit) this.fail('count');\n", '', [codecTest, 'rank 9']),
  bytes(
    'missing bytes',
    "      this.fail('truncated');\n      return false;",
    '      return true;',
    [codecTest, 'every length but'],
  ),
  codec('a fifth list', "    if (list === undefined) this.fail('tag');\n", '', [
    codecTest,
    'a fifth list',
  ]),
  codec(
    'unknown factors',
    "        this.fail('tag');\n        return { kind: 'affine', offset: 0, strides: [] };\n    }\n  }\n\n  view",
    "        return { kind: 'affine', offset: 0, strides: [] };\n    }\n  }\n\n  view",
    [codecTest, 'a fourth kind of factor'],
  ),
  codec(
    'unknown coordinates',
    "        this.fail('tag');\n        return { kind: 'affine', offset: 0, strides: [] };\n    }\n  }\n\n  partials",
    "        return { kind: 'affine', offset: 0, strides: [] };\n    }\n  }\n\n  partials",
    [codecTest, 'a third kind of coordinate'],
  ),
  codec(
    'unknown partials',
    "        this.fail('tag');\n        return null;",
    '        return null;',
    [codecTest, 'partials: 2'],
  ),
  codec(
    'bodies that do not decode',
    '  if (reader.fault !== null) return err(reader.fault);\n',
    '',
    [codecTest, 'every length but'],
  ),
  check('coordinates outside', '        if (u < 0) inside = false;\n', '', [
    checkTest,
    'a view reads where the program reads',
  ]),
  check('gathered coordinates outside', '        if (u < 0 || u >= length) inside = false;\n', '', [
    checkTest,
    'a view reads where the program reads',
  ]),
  check('keys outside the table', '  if (key.some((u) => u < 0)) return false;\n', '', [
    checkTest,
    'a lookup reads all its keys',
  ]),
  verify('an index beyond the list', '    index < 2 ** depth &&\n', '', [
    verifyTest,
    'every alteration is refused',
  ]),
  verify('paths of any length', '    path.length === depth &&\n', '', [
    verifyTest,
    'roots of tensors are told from nodes by depth',
  ]),
  verify('roots of any length', '    isDigest(entry) &&\n', '', [
    verifyTest,
    'bytes do not move between a root and its sibling',
  ]),
  verify(
    'any list root',
    '    equalBytes(rootOfPath(entry, index, path), root)\n',
    '    true\n',
    [verifyTest, 'every alteration is refused'],
    { covers: "err({ kind: 'trace/relation', index, reason })" },
  ),
  verify(
    'relations beyond the count',
    "  if (!(index < lists.relationCount)) return refuse('no such relation');\n",
    '',
    [verifyTest, 'neither tensors nor relations beyond the length'],
  ),
  verify(
    'tensors beyond the length',
    "  if (!(index < length)) return refuse('no such tensor');\n",
    '',
    [verifyTest, 'neither tensors nor relations beyond the length'],
    { covers: "err({ kind: 'trace/opening', opening: at, reason });" },
  ),
  verify(
    'data of any length',
    "  if (data.length !== LEAF_BYTES * leaves.length)\n    return err({ kind: 'trace/opening', opening: at, reason: 'data is not 128 bytes a leaf' });\n",
    '',
    [verifyTest, 'every alteration is refused'],
  ),
  verify(
    'any leaves',
    "return proven.ok ? proven : err({ kind: 'trace/multiproof', opening: at, cause: proven.error });",
    'return ok(null);',
    [verifyTest, 'every alteration is refused'],
  ),
  verify(
    'elements outside',
    "  if (proof.element < 0n || proof.element >= BigInt(count))\n    return err({ kind: 'trace/element', element: proof.element, instances: count });\n",
    '',
    [verifyTest, 'every alteration is refused'],
  ),
  verify('two openings of a tensor', '    unopened.delete(tensorKey(opening));\n', '', [
    verifyTest,
    'every alteration is refused',
  ]),
  verify(
    'openings that are not of a mention',
    'if (tensor === undefined) {',
    'if (tensor === undefined) continue;\n    if (tensor === undefined) {',
    [verifyTest, 'every alteration is refused'],
    { covers: "return err({ kind: 'trace/opening', opening: at, reason });\n    }" },
  ),
  verify(
    'roots that are not in the list',
    '    if (!root.ok) return root;\n    const leaves',
    '    const leaves',
    [verifyTest, 'every alteration is refused'],
  ),
  verify('leaves that are not in the tensor', '    if (!leaves.ok) return leaves;\n', '', [
    verifyTest,
    'every alteration is refused',
  ]),
  verify(
    'elements that are not opened',
    'return opened.missing === null ? ok(!holds) : err(opened.missing);',
    'return ok(!holds);',
    [verifyTest, 'every alteration is refused'],
  ),
  verify(
    'a leaf before the last',
    "    return err({ kind: 'trace/padding', reason: 'not the last leaf' });",
    '    void 0;',
    [verifyTest, 'a leaf before the last has no padding'],
  ),
  verify('any last leaf', '  if (!proven.ok) return proven;\n  const padding', '  const padding', [
    verifyTest,
    'every alteration is refused',
  ]),
  verify('positions beyond the level', '    position < 2 ** (depth - level);', '    true;', [
    verifyTest,
    'every alteration is refused',
  ]),
  verify(
    'nodes over elements',
    "    return err({ kind: 'trace/padding', reason: 'not a node over padding only' });",
    '    void 0;',
    [verifyTest, 'every alteration is refused'],
  ),
  verify('paths from any level', '    path.length === depth - level &&\n', '', [
    verifyTest,
    'every alteration is refused',
  ]),
  verify('nodes of any length', '    isDigest(node) &&\n', '', [
    verifyTest,
    'bytes do not move between a root and its sibling',
  ]),
  verify(
    'any node',
    "    return err({ kind: 'trace/padding', reason: 'the path does not end in the tensor root' });",
    '    void 0;',
    [verifyTest, 'every alteration is refused'],
  ),
  verify(
    'padding of other lists',
    "    return err({ kind: 'trace/padding', reason: 'not a list of the submission' });",
    '    void 0;',
    [verifyTest, 'padding of what the submission does not commit to'],
  ),
  verify(
    'any root beyond the list',
    ": err({ kind: 'trace/padding', reason: 'the path does not end in the root of the list' });",
    ': ok(true);',
    [verifyTest, 'every alteration is refused'],
  ),
  verify(
    'any tensor for a slot',
    "    return err({ kind: 'trace/padding', reason: 'the slot does not name the opened tensor' });",
    '    return ok(true);',
    [verifyTest, 'every alteration is refused'],
  ),
  verify(
    'padding of a root that is not in the list',
    '  if (!root.ok) return root;\n  return opening',
    '  return opening',
    [verifyTest, 'every alteration is refused'],
  ),
];
