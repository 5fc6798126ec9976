import { prover, within } from './mutation.mjs';

const ranges = 'packages/program/test/ranges.test.ts';
const hostile = 'packages/program/test/ranges.soundness.test.ts';
const validation = 'packages/program/test/validate.test.ts';
const cbor = 'packages/program/test/strict-cbor.test.ts';
const concealed = prover('concealed-ports');

const decode = within('packages/program/src/encoding/decode.ts');
const strict = within('packages/program/src/encoding/strict-cbor.ts');
const model = within('packages/program/src/ranges/check-model.ts');
const conceal = within('packages/program/src/visibility/conceal.ts');
const derive = within('packages/program/src/ranges/derive.ts');
const formRange = within('packages/program/src/ranges/form-range.ts');
const steps = within('packages/program/src/shape/check-steps.ts');

const wrap = { covers: "err({\n        kind: 'program/wrap'" };
const unbounded = { covers: "err({\n      kind: 'program/unbounded'" };
const refusedTensor = { covers: "err({ kind: 'program/weights', tensor: tensor.name" };
const refusedSum = {
  covers: "err({\n        kind: 'program/weights',\n        tensor: 'accumulator'",
};

export const program = [
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
  strict('items of any number and kind', '  if (refused !== null) return err(refused);\n', '', [
    'packages/program/test/hostile.test.ts',
    'CBOR that asks for more',
  ]),
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
    [cbor, 'an integer longer than need be'],
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
  derive(
    'inputs beyond what is declared',
    '    if (range.lo < declared.lo || range.hi > declared.hi) return unbounded(id);\n',
    '',
    [concealed, 'an input that may be more than is declared'],
  ),
  derive('a declared range that nobody checks', '(concealed.has(id) ? null : range)', 'range', [
    concealed,
    'an input of the program as it is',
  ]),
  derive(
    'limbs of a value p away',
    'else if (known.lo - rest.hi > -P && known.hi - rest.lo < P) {',
    'else {',
    [concealed, 'ranges that differ by p'],
  ),
  derive('inputs of which twice is bounded', '![1, -1].includes(term.coefficient) || ', '', [
    concealed,
    'an input of which twice is bounded',
  ]),
  derive('inputs that bound themselves', '  if (relation.declared !== null) return;\n', '', [
    concealed,
    'an input that is an operand of its own',
  ]),

  // visibility/conceal.ts
  conceal(
    'declared intervals of outputs that nobody shows',
    '    return [...operands].every((id) => isWithin(ranges.value[id], plain[id]));\n',
    '    return operands.size >= 0 && plain.length >= 0;\n',
    [concealed, 'are looked up where a declared interval follows'],
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
];
