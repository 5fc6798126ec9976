import { within } from './mutation.mjs';

const tests = 'packages/verifier/src/commitment/commitment.test.ts';
const codec = within('packages/verifier/src/commitment/codec.ts');

/** `if (…) return bad(field);` of the public part of a committed tensor, taken out. */
const field = (name, condition) =>
  codec(`any ${name}`, `  if (${condition}) return bad('${name}');\n`, '', [
    tests,
    `${name} out of bounds`,
  ]);

export const commitment = [
  codec(
    'a commitment of any size',
    "    return err({\n      kind: 'commitment/too-large',\n      limit: COMMITMENT_BYTES,\n      actual: bytes.length,\n    });",
    '    void COMMITMENT_BYTES;',
    [tests, 'or too many'],
  ),
  codec(
    'bytes that are not CBOR',
    "  if (!value.ok) return err({ kind: 'commitment/encoding', reason: value.error });\n",
    '',
    [tests, 'what is not CBOR, as such'],
  ),
  codec(
    'values of other kinds',
    "  if (reader.failure !== null) return err({ kind: 'commitment/encoding', reason: reader.failure });\n",
    '',
    [tests, 'another type or format'],
  ),
  codec('fields out of bounds', '  if (outOfBounds !== null) return err(outOfBounds);\n', '', [
    tests,
    'out of bounds',
  ]),
  codec(
    'any answers',
    "  if (samples < 1 || !words.atEnd) return err({ kind: 'commitment/field', field: 'yReg' });\n",
    '',
    [tests, 'yReg out of bounds'],
  ),
  field('root', 'c.root.length !== DIGEST_BYTES'),
  field('logRows', '!(c.logRows >= 1 && c.logRows < TWO_ADICITY)'),
  field('logInverseRate', '!(c.logInverseRate >= 1 && c.logInverseRate <= mostRate)'),
  field('tailRows', '!(c.tailRows >= 1 && c.tailRows < 2 ** c.logRows)'),
  codec(
    'any shape',
    "  return bounded && elementCount(c.shape) <= elements ? null : bad('shape');",
    '  return bounded ? null : null;',
    [tests, 'shape out of bounds'],
  ),
];
