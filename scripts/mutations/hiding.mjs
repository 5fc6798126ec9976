import { prover, within } from './mutation.mjs';

const concealed = prover('concealed-ports');
const lookup = 'packages/core/src/lookup/hiding.test.ts';
const ledgerTests = 'packages/core/src/linear/hiding-ledger.test.ts';
const opening = 'packages/core/src/pcs/opening.test.ts';
const budgetTests = 'packages/core/src/security/budget.test.ts';
const layoutTests = 'packages/program/src/layout/layout.test.ts';
const shownTests = 'packages/program/src/visibility/visibility.test.ts';
const secretTests = 'packages/program/src/system/lookups.test.ts';
const prepared = 'packages/verifier/src/argument/argument.test.ts';

const logup = within('packages/core/src/lookup/verifier.ts');
const ledger = within('packages/core/src/linear/hiding-ledger.ts');
const pads = within('packages/core/src/linear/pads.ts');
const graph = within('packages/core/src/linear/graph.ts');
const outOfDomain = within('packages/core/src/pcs/out-of-domain.ts');
const blinding = within('packages/core/src/pcs/blinding-verifier.ts');
const budget = within('packages/core/src/security/budget.ts');
const parameters = within('packages/core/src/security/parameters.ts');
const visibility = within('packages/program/src/visibility/visibility.ts');
const conceal = within('packages/program/src/visibility/conceal.ts');
const system = within('packages/program/src/system/system.ts');
const sections = within('packages/program/src/system/sections.ts');
const work = within('packages/program/src/system/work.ts');
const layout = within('packages/program/src/layout/layout.ts');
const renewal = within('packages/program/src/registration/renewal.ts');

/** What hiding adds to the parts that a verifier is made of: checks, and what must be counted, bound or kept apart. */
export const hiding = [
  // core/lookup, linear
  logup(
    'a root whose denominator is zero',
    'const zero = denominators.findIndex(isZeroK);',
    "const zero = start === 'root' ? -1 : denominators.findIndex(isZeroK);",
    [lookup, 'a zero denominator, r = 0 included'],
  ),
  logup(
    'any sum at the root',
    "const numerators = start === 'root' ? [ZERO] : sent;",
    "const numerators = start === 'root' ? denominators.slice(0, 0) : sent;",
    [lookup, 'honest under pads'],
  ),
  ledger('one pad for all messages', '    this.#received += 1;\n', '', [
    ledgerTests,
    'a received message is worth the message minus its pad, in order',
  ]),
  ledger(
    'one triple for all products',
    '      const pads = productPads(shape, t);',
    '      const pads = productPads(shape, 0 * t);',
    [ledgerTests, 'product 1: a wrong e'],
  ),
  ledger(
    'products that were not sent',
    'constant = subK(constant, mulK(coefficient, this.#sent[t] ?? ZERO));',
    'constant = subK(constant, mulK(coefficient, ZERO));',
    [ledgerTests, 'honest: everything that must vanish vanishes'],
  ),
  pads('triples that share pads', 'const PRODUCT_PADS = 4;', 'const PRODUCT_PADS = 3;', [
    ledgerTests,
    'messages, then four pads a product, then r',
  ]),
  pads(
    'a blind fraction that shares a pad',
    '  return messages + PRODUCT_PADS * products;\n}\n',
    '  return messages + PRODUCT_PADS * products - 1;\n}\n',
    [ledgerTests, 'messages, then four pads a product, then r'],
  ),
  graph('pads that are counted once', 'pads[of] = addK(sum, added);', 'pads[of] = added;', [
    'packages/core/src/linear/linear.test.ts',
    'operations commute with opening the pads',
  ]),

  // core/pcs
  outOfDomain('what else a name binds', ', columns, ...binding]', ', columns]', [
    opening,
    'depend on what else the name binds',
  ]),
  outOfDomain(
    'columns of a name',
    '[logRows, logInverseRate, columns,',
    '[logRows, logInverseRate,',
    [opening, 'depend on root, length, rate and columns'],
  ),
  outOfDomain(
    'the root of a name',
    'concatBytes(root, numbers)',
    'concatBytes(root.slice(0, 0), numbers)',
    [opening, 'depend on root, length, rate and columns'],
  ),
  blinding(
    'a mask that nothing weighs',
    '      coefficient: gamma,',
    '      coefficient: mulK(gamma, ZERO),',
    ['packages/core/src/pcs/blinding.soundness.test.ts', 'control: the honest one'],
  ),

  // core/security
  budget(
    'products with a committed triple',
    "    add('S6 triples', schwartzZippel(sizes.products), 0);\n",
    '',
    [budgetTests, 'counts triples, checks, mask and blinding'],
  ),
  budget(
    'checks that wait for the opening',
    'schwartzZippel(3 * sizes.products + sizes.checks)',
    'schwartzZippel(1)',
    [budgetTests, 'counts triples, checks, mask and blinding'],
  ),
  budget(
    'the mask',
    "  if (blinding !== null) add('S8 mask', schwartzZippel(1) - list0, 0);\n",
    '',
    [budgetTests, 'counts triples, checks, mask and blinding'],
  ),
  budget('the line to R', "      add('S8 blinding', own.line, blinding.powBits);\n", '', [
    budgetTests,
    'counts triples, checks, mask and blinding',
  ]),
  budget(
    'the batch with the mask',
    "      add('S8 blinding batch', schwartzZippel(1) - list0, 0);\n",
    '',
    [budgetTests, 'counts triples, checks, mask and blinding'],
  ),
  parameters(
    'rows that are opened, kept random',
    'return queries + K_WORDS * oodSamples + maskRows(firstFolding);',
    'return K_WORDS * oodSamples + maskRows(firstFolding);',
    [prepared, 'leaves the witness a tail'],
  ),
  parameters(
    'answers, kept random',
    'return queries + K_WORDS * oodSamples + maskRows(firstFolding);',
    'return queries + maskRows(firstFolding);',
    [prepared, 'leaves the witness a tail'],
  ),
  parameters(
    'rows of the mask, kept random',
    'return queries + K_WORDS * oodSamples + maskRows(firstFolding);',
    'return queries + K_WORDS * oodSamples;',
    [prepared, 'leaves the witness a tail'],
  ),

  // program/visibility
  visibility(
    'hidden weights, shown',
    '[...inputs, ...outputs, weights].some',
    '[...inputs, ...outputs].some',
    [shownTests, 'whatever is not public makes a proof hiding'],
  ),
  visibility(
    'hidden inputs, shown',
    '[...inputs, ...outputs, weights].some',
    '[...outputs, weights].some',
    [shownTests, 'whatever is not public makes a proof hiding'],
  ),
  visibility(
    'hidden outputs, shown',
    '[...inputs, ...outputs, weights].some',
    '[...inputs, weights].some',
    [shownTests, 'whatever is not public makes a proof hiding'],
  ),
  ...[
    ['numbers of inputs', 'a.inputs.length === b.inputs.length', 'a !== null'],
    ['numbers of outputs', 'a.outputs.length === b.outputs.length', 'a !== null'],
    ['weights', 'isSame(a.weights, b.weights)', 'isSame(a.weights, a.weights)'],
    ['tails of renewed roots', 'a.renews?.tailRows === b.renews?.tailRows', 'a !== null'],
    ['renewals', 'a.renews?.of === b.renews?.of', 'a !== null'],
    ['inputs', 'a.inputs.every((v, i) => isSame(v, b.inputs[i]))', 'a !== null'],
    ['outputs', 'a.outputs.every((v, i) => isSame(v, b.outputs[i]))', 'a !== null'],
    ['kinds', 'a.kind === b.kind && ', ''],
    ['tails', ' && tail(a) === tail(b)', ' && tail !== null'],
  ].map(([name, find, replace]) =>
    visibility(`the same but for its ${name}`, find, replace, [
      shownTests,
      'two are the same if every port and the weights are',
    ]),
  ),
  visibility('the witness, in the clear', "role === 'witness' || ", '', [
    secretTests,
    'the witness, as soon as anything is hidden',
  ]),
  visibility(
    'hidden weights, in the clear',
    "    if (role === 'witness' || (role === 'model' && visibility.weights.kind === 'hidden'))\n",
    "    if (role === 'witness')\n",
    [secretTests, 'the witness, as soon as anything is hidden'],
  ),
  visibility(
    'hidden ports, in the clear',
    'new Set(concealedTensors(program, visibility))',
    'new Set<TensorId>()',
    [secretTests, 'the witness, as soon as anything is hidden'],
  ),
  visibility(
    'multiplicities, in the clear',
    '  for (const table of program.tables.keys()) secret.add(multiplicityTensor(program, table));\n',
    '',
    [secretTests, 'the witness, as soon as anything is hidden'],
  ),

  // program/visibility/conceal.ts
  conceal(
    'inputs of any value',
    'for (const id of [...inputs, ...looked]) extension.confine(id);',
    'for (const id of looked) extension.confine(id);',
    [concealed, 'every element of every input outside its range'],
  ),
  conceal(
    'wide inputs below their least value',
    '    this.#side(tensor, id, 1, lo, hi - lo, MOST_ROWS);\n',
    '',
    [concealed, 'in limbs: exactly its values have them'],
  ),
  conceal(
    'wide inputs above their greatest value',
    '    this.#side(tensor, id, -1, hi, hi - lo, MOST_ROWS);\n',
    '',
    [concealed, 'in limbs: exactly its values have them'],
  ),
  conceal('a radix that does not divide the range', 'values % radix === 0 && ', '', [
    concealed,
    'up to 2^16 values: one table',
  ]),

  // program/system, layout
  system(
    'the relations of what is shown',
    'const program = concealPorts(source, visibility);',
    'const program = concealPorts(source, publicVisibility(source));',
    [concealed, 'so wide and so far up that its limbs could wrap: refused'],
  ),
  system(
    'tree without a blind fraction',
    'lookupTree(program, hiding)',
    'lookupTree(program, false)',
    [prepared, 'the blind fraction is in exactly one claim'],
  ),
  sections(
    'a blind fraction',
    '  if (blind && sections.length > 0) ',
    '  if (blind && sections.length < 0) ',
    [secretTests, 'the blind fraction is the last'],
  ),
  work(
    'cuts that tails make',
    'return tail === 0 ? 0 : Math.floor(2 *',
    'return tail !== -1 ? 0 : Math.floor(2 *',
    [layoutTests, 'tails that leave so little room'],
  ),
  work(
    'tails of weights',
    "const own = weights.kind === 'hidden' ? weights.tailRows : 0;",
    "const own = weights.kind === 'hidden' ? 0 : 0;",
    [layoutTests, 'of hidden weights, of the root that they renew'],
  ),
  work(
    'tails of an earlier root',
    '(earlier.has(id) ? (renews?.tailRows ?? 0) : own)',
    '(earlier.has(id) ? own : own)',
    [layoutTests, 'of hidden weights, of the root that they renew'],
  ),
  work(
    'tails that leave very many columns',
    'return blocks <= LIMITS.blocks && columns <= MOST_COLUMNS;',
    'return blocks <= LIMITS.blocks && columns >= 0;',
    ['packages/program/src/system/tails.test.ts', 'more columns than any opening has'],
  ),
  work(
    'tails that leave very many blocks',
    'return blocks <= LIMITS.blocks && columns <= MOST_COLUMNS;',
    'return columns <= MOST_COLUMNS && blocks >= 0;',
    ['packages/program/src/system/tails.test.ts', 'many small tensors very many blocks'],
  ),
  work(
    'tails longer than columns in a search',
    '  if (badTail(tails, rows) !== undefined) return false;\n',
    '',
    [prepared, 'has room for every tail'],
  ),
  work(
    'tails of committed ports',
    "  if (v?.kind === 'committed') return v.tailRows;\n",
    "  if (v?.kind === 'committed') return fresh;\n",
    [layoutTests, 'of committed ports'],
  ),
  work(
    'pads and multiplicities',
    '    counter.blocks += 1 + cuts(elements, rows, profile.tailRows);\n',
    '    counter.blocks += 1 + 0 * elements;\n',
    [layoutTests, 'of pads and multiplicities'],
  ),
  layout(
    'data in tails',
    'packColumns(blocks, rows, rows - tailRows, halve)',
    'packColumns(blocks, rows, rows, halve)',
    [layoutTests, '200 random programs: blocks cover'],
  ),
  layout(
    'too few columns to blind',
    'isHiding(visibility) ? LEAST_HIDING_COLUMNS : 1',
    'isHiding(visibility) ? 1 : 1',
    [layoutTests, '200 random programs: blocks cover'],
  ),
  renewal(
    'differences',
    'const form = addForms(wholeForm(id, shape), wholeForm(tensors.length + id, shape), -1);',
    'const form = addForms(wholeForm(id, shape), wholeForm(id, shape), -1);',
    ['packages/program/src/registration/renewal.test.ts', 'every tensor twice'],
  ),
];
