import { within } from './mutation.mjs';

const sound = 'packages/runtime/src/testing/registration.soundness.test.ts';
const sizes = 'packages/runtime/src/testing/registration.test.ts';
const accepts = [sound, 'weights that checkModel accepts can be registered'];
const refuses = [sound, 'weights that checkModel refuses cannot'];

const program = within('packages/program/src/registration/registration-program.ts');
const accumulator = within('packages/program/src/registration/accumulator.ts');
const limbs = within('packages/program/src/registration/limbs.ts');
const operands = within('packages/program/src/registration/operands.ts');
const weights = within('packages/program/src/registration/weights.ts');

export const registration = [
  program(
    'sums without number',
    '    if (parts > MOST_PARTS_IN_ALL) {',
    '    if (false) {',
    [sizes, 'sums that are too many'],
    { covers: "err({ kind: 'program/limit', what" },
  ),
  program(
    'intervals that cannot be bounded',
    'if (found !== null && proveDistances(extension, found.dims, found.distances)) {',
    'if (found === null || proveDistances(extension, found.dims, found.distances) || id >= 0) {',
    [sizes, 'or refused, with the node'],
    { covers: "err({ kind: 'program/wrap'" },
  ),
  program(
    'registrations of any size',
    '        if (actual > LIMITS.tensors)\n',
    '        if (actual > 1e9)\n',
    ['packages/program/src/registration/limits.test.ts', 'is refused as soon as that is known'],
    { covers: "err({ kind: 'program/limit', what, limit: LIMITS.tensors, actual })" },
  ),
  program(
    'ranges that cannot be enforced',
    '  if (open !== null) {',
    '  if (false) {',
    [sizes, 'of weights whose range is the field'],
    { covers: "err({ kind: 'program/unbounded'" },
  ),
  program(
    'relations that rely on declared ranges',
    'return enforced.ok ? ok(best.program) : enforced;',
    'return enforced.ok ? enforced.ok && ok(best.program) : ok(best.program);',
    [sizes, 'of weights whose range is nearly the field'],
  ),
  program(
    'output indices that weights distinguish',
    '    for (const axis of formAxes(pair.fixed)) read.add(axis);\n',
    '',
    accepts,
  ),
  program(
    'which end a product moves',
    'range: { lo: 0, hi },\n        upper: least,\n        lower: -most,',
    'range: { lo: 0, hi },\n        upper: -most,\n        lower: least,',
    accepts,
  ),
  accumulator(
    'one of the sides',
    "const SIDES = ['upper', 'lower'] as const;",
    "const SIDES = ['upper'] as unknown as readonly ['upper', 'lower'];",
    refuses,
  ),
  accumulator(
    'the other side',
    "const SIDES = ['upper', 'lower'] as const;",
    "const SIDES = ['lower'] as unknown as readonly ['upper', 'lower'];",
    refuses,
  ),
  accumulator(
    'distances below zero',
    '      if (range.lo >= 0) return true;\n',
    '      if (range.lo >= -P) return true;\n',
    refuses,
  ),
  accumulator(
    'carries',
    '    carry = addConstant(sumForms(above), -lifted);\n',
    '    void above;\n',
    accepts,
  ),
  accumulator(
    'sides that ranges alone decide',
    '    return reach === null || reach.lo < 0n;',
    '    return reach === null;',
    refuses,
  ),
  limbs(
    'limbs of any size',
    '    extension.inRange(dims, extension.whole(limb), range);\n',
    '',
    accepts,
  ),
  limbs(
    'a single limb of any size',
    '    extension.inRange(dims, form, { lo: 0, hi: top });\n',
    '',
    refuses,
  ),
  operands(
    'pieces of a sum',
    '        if (cut !== null && !whole) cut = sliceView(cut, outer.length + i, from, length[i] ?? 1);\n',
    '        void [sliceView, whole, from];\n',
    [sizes, 'every piece counts'],
  ),
  operands(
    'model tensors that nothing multiplies',
    '      if (!confine(this.#extension, own, tensor.range)) return id;\n',
    '      void [confine, own];\n',
    accepts,
  ),
  weights(
    'the other end of a range',
    "  return side('above its least', 1, lo) && (sides === 1 || side('below its greatest', -1, hi));",
    "  return side('above its least', 1, lo) && (sides > 0 || side('below its greatest', -1, hi));",
    accepts,
  ),
  weights(
    'ranges that signs do not enforce',
    '  const confined = isConfined || isExact;',
    '  const confined = isConfined || isExact || true;',
    accepts,
  ),
];
