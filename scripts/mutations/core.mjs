import { within } from './mutation.mjs';

const keyCodec = 'packages/verifier/src/key/codec.test.ts';
const opening = 'packages/core/src/pcs/soundness.test.ts';
const blinded = 'packages/core/src/pcs/blinding.soundness.test.ts';
const settlement = 'packages/core/src/linear/hiding-ledger.test.ts';

const reader = within('packages/core/src/codec/reader.ts');
const ledger = within('packages/core/src/linear/ledger.ts');
const hiding = within('packages/core/src/linear/hiding-ledger.ts');
const logup = within('packages/core/src/lookup/verifier.ts');
const merkle = within('packages/core/src/merkle/multiproof.ts');
const whir = within('packages/core/src/pcs/verifier.ts');
const rounds = within('packages/core/src/pcs/run.ts');
const blinding = within('packages/core/src/pcs/blinding-verifier.ts');
const parameters = within('packages/core/src/pcs/parameters.ts');
const security = within('packages/core/src/security/parameters.ts');
const sumcheck = within('packages/core/src/sumcheck/verifier.ts');
const transcript = within('packages/core/src/transcript/transcript.ts');

const badWhir = { covers: "err({ kind: 'whir/parameters'" };
const badSecurity = { covers: "err({ kind: 'security/parameters'" };

export const core = [
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
  ledger('what is not zero', 'return isKnown(v) && isZeroK(v.constant);', 'return isKnown(v);', [
    'packages/core/src/linear/linear.test.ts',
    'requireZero: only the constant zero',
  ]),
  hiding(
    'known values that are not zero',
    '    if (isKnown(v)) return isZeroK(v.constant);\n',
    '    if (isKnown(v)) return true;\n',
    [settlement, 'known values are decided at once'],
  ),
  hiding('checks that are not noted', '    this.#checks.push(v);\n', '', [
    settlement,
    'a relation that does not hold',
  ]),
  hiding(
    'any e',
    'addValues(subValues(constantValue(et), scaleValue(x, rho)), xPad),',
    'constantValue(ZERO),',
    [settlement, 'product 0: a wrong e'],
  ),
  hiding(
    'any f',
    'addValues(subValues(constantValue(ft), y), padValue(pads.y)),',
    'constantValue(ZERO),',
    [settlement, 'product 0: a wrong f'],
  ),
  hiding(
    'any product',
    '          addValues(scaleValue(y, et), scaleValue(xPad, ft)),\n        ),\n',
    '          addValues(scaleValue(y, et), scaleValue(xPad, ft)),\n        ) && constantValue(ZERO),\n',
    [settlement, 'product 0: a wrong c_z that makes a false relation hold'],
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
    "  if (reader.failed !== null) {\n    return err({ kind: 'logup/encoding', layer, part: 'top', failure: reader.failed });\n  }\n",
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
  rounds(
    'messages that cannot be read',
    "return failure === null ? ok(null) : err({ kind: 'whir/encoding', oracle, part, failure });",
    'return ok(null);',
    [opening, 'every truncation is rejected'],
  ),
  rounds(
    'work that is not done',
    "  return run.transcript.checkPow(bits, nonce)\n    ? ok(null)\n    : err({ kind: 'whir/proof-of-work', oracle, before });",
    '  run.transcript.checkPow(bits, nonce);\n  return ok(null);',
    [opening, 'a wrong nonce before a'],
  ),
  rounds(
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
    '    const opened = openOracle(run, i, shape, committed, blinding);\n    if (!opened.ok) return opened;\n',
    '    const opened = openOracle(run, i, shape, committed, blinding);\n    if (!opened.ok && i > 99) return opened;\n    if (!opened.ok) return ok(null);\n',
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
  whir(
    'salts that are not hashed',
    '    leaves.push(rowHash(row, salt));',
    '    leaves.push(rowHash(row));',
    [blinded, 'control: the honest one'],
  ),
  whir(
    'what the blinding says',
    '      if (!blinded.ok) return blinded;\n',
    '      if (!blinded.ok) return ok(null);\n',
    [blinded, 'a wrong nonce'],
  ),
  blinding(
    'a mask times zero',
    "  if (isZeroK(maskFactor)) return err({ kind: 'whir/zero-challenge', of: 'mask' });\n",
    '',
    [blinded, 'a factor that is zero: mask'],
  ),
  blinding(
    'R times zero',
    "  if (isZeroK(rho)) return err({ kind: 'whir/zero-challenge', of: 'blinding' });\n",
    '',
    [blinded, 'a factor that is zero: blinding'],
  ),
  blinding(
    'work before the blinding',
    "  const worked = checkPow(run, 0, blinding.powBits, 'blinding');\n  if (!worked.ok) return worked;\n",
    "  checkPow(run, 0, blinding.powBits, 'blinding');\n",
    [blinded, 'a wrong nonce'],
  ),
  blinding(
    'a mask sum that cannot be read',
    '  if (!maskRead.ok) return maskRead;\n',
    '  void maskRead;\n',
    [blinded, 'every truncation is rejected'],
  ),
  blinding('a blinding that cannot be read', '  if (!read.ok) return read;\n', '  void read;\n', [
    blinded,
    'every truncation is rejected',
  ]),
  blinding(
    'a mask from other rows than U',
    '  const first = 2 ** rest.length - maskRows(challenges.length);',
    '  const first = 2 ** rest.length;',
    [blinded, 'control: the honest one'],
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
    'any work before the blinding',
    "      return bad('blinding', -1, p.blinding.powBits);\n",
    '      void p;\n',
    ['packages/core/src/pcs/parameters.test.ts', 'work before ρ out of bounds'],
  ),
  parameters(
    'a mask longer than the columns',
    "    if (maskRows > 2 ** p.logRows) return bad('maskRows', 0, maskRows);\n",
    '    void maskRows;\n',
    ['packages/core/src/pcs/parameters.test.ts', 'columns too short for the mask'],
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
