import { prover, within } from './mutation.mjs';

const ambiguous = prover('ambiguous');
const validation = 'packages/program/test/validate.test.ts';
const concealed = prover('concealed-ports');

const unique = within('packages/program/src/ranges/determined.ts');
const system = within('packages/program/src/system/system.ts');
const work = within('packages/program/src/system/work.ts');
const keys = within('packages/program/src/tables/keys.ts');

const many = { covers: "err({ kind: 'program/ambiguous'" };

export const determined = [
  // ranges/determined.ts
  unique(
    'any step',
    '    if (determined === null) {',
    '    if (determined === null && program.steps.length > 0) { found.push({ tensors: [], reasons: [] }); continue; }\n    if (determined === null) {',
    [ambiguous, 'digits a digit of 65 values'],
    many,
  ),
  unique(
    'digits of an unknown product',
    "if (relation?.kind !== 'zero' || !this.#areKnown(relation.products)) return false;",
    "if (relation?.kind !== 'zero') return false;",
    [ambiguous, 'a rest that is not known yet'],
  ),
  unique(
    'digits of an unknown rest',
    '    const rest = form.terms.filter(({ tensor }) => !outputs.has(tensor));\n    if (!this.#isKnown({ terms: rest, constant: 0 })) return false;\n',
    '    void outputs;\n',
    [ambiguous, 'a rest that is not known yet'],
  ),
  unique('digits that are read twice', 'second !== undefined || term.sums', 'term.sums', [
    ambiguous,
    'a digit that the relation reads twice',
  ]),
  unique('coefficients that do not divide', '!Number.isInteger(ratio) || ', '', [
    ambiguous,
    'coefficients that do not divide',
  ]),
  unique('digits beyond their radix', ' || range.hi - range.lo >= ratio', '', [
    ambiguous,
    'a digit of 65 values',
  ]),
  unique('keys in two rows', 'distinct && relation.entries', 'relation.entries', [
    ambiguous,
    'one key in two rows',
  ]),
  unique(
    'keys that are not known',
    'distinct && relation.entries.slice(0, table.keys).every((entry) => this.#isKnown(entry))',
    'distinct',
    [ambiguous, 'a key that is not known yet'],
  ),
  unique(
    'a second product',
    'product === undefined || second !== undefined) return null;',
    'product === undefined) return null;',
    [ambiguous, 'a second product'],
  ),
  unique('a quotient with company', 'quotient === null || !alone ||', 'quotient === null ||', [
    ambiguous,
    'a second product, a quotient with company',
  ]),
  unique(
    'a remainder with another coefficient',
    '    if (this.#coefficient(form, dims, step.remainder) !== 1) return null;\n',
    '',
    [ambiguous, 'a remainder with another coefficient'],
  ),
  unique(
    'a negative remainder',
    '    if ((this.#ranges[step.remainder]?.lo ?? -1) < 0) return null;\n',
    '',
    [ambiguous, 'a remainder that may be negative'],
  ),
  unique(
    'a remainder as large as the divisor',
    'return below === null ? null : [{ relation: step.relation, entry: null }, ...below];',
    'return [{ relation: step.relation, entry: null }, ...(below ?? [])];',
    [ambiguous, 'a remainder that may reach the divisor'],
  ),
  unique('a bound below zero', '            columnRange(column).lo >= 0 &&\n', '', [
    ambiguous,
    'a remainder that may reach the divisor',
  ]),
  unique('another bound', ' &&\n            areEqual(candidate, form)', '', [
    ambiguous,
    'a remainder that may reach the divisor',
  ]),
  unique(
    'limbs below zero',
    'if (reaches(combine(form, relation.form, -sign)) >= 0)\n',
    'if (reaches(combine(form, relation.form, -sign)) > -1e9)\n',
    [ambiguous, 'a bound that limbs give counts'],
  ),
  unique('bits that are not bits', 'if (lo < 0 || hi > 1 || ', 'if (', [
    ambiguous,
    'bits that are not bits',
  ]),
  unique(
    'an order that is not known',
    ' || !this.#isKnown(source)) return null;',
    ') return null;',
    [ambiguous, 'an order that is not known yet'],
  ),
  unique(
    'bits that do not add up to one',
    '    if (one === undefined) return null;\n    const isOne: Reason = { relation: one.id, entry: null };',
    '    const isOne: Reason = { relation: one?.id ?? 0, entry: null };',
    [ambiguous, 'bits that need not add up to one'],
  ),
  unique(
    'maxima of something else',
    'if (!selects || !defines) continue;',
    'void [selects, defines];',
    [ambiguous, 'no slack, or one that is not of the maximum'],
  ),
  unique(
    'no slack',
    '        if (first !== null) return [isOne, { relation: id, entry: null }, ...first];',
    '        return [isOne, { relation: id, entry: null }, ...(first ?? [])];',
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
  system(
    'visibility of other ports',
    '    if (ports.length !== visibilities.length) {',
    '    if (false) {',
    [concealed, 'what is hidden is said port by port'],
    { covers: "err({ kind: 'program/structure', where: 'visibility'" },
  ),
  system(
    'range checks without bounds',
    '  if (!extended.ok) return extended;\n',
    '  void extended;\n',
    [concealed, 'range checks of inputs may be too much work'],
  ),
  work(
    'tails without bounds',
    '  if (bad !== undefined)\n',
    '  if (false)\n',
    ['packages/program/src/layout/layout.test.ts', 'a tail leaves a column some room'],
    { covers: "err({ kind: 'program/limit', what: 'tail rows'" },
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
];
