import {
  along,
  fill,
  form,
  ProgramBuilder,
  reshape,
  seededDraw,
  term,
} from '@assay/runtime/testing';
import { verifyProof } from '@assay/verifier';
import { describe, expect, test } from 'vitest';
import { proveToy, toyEngine, toyKey } from './toy-key.ts';

/** What is computed once for equal weights must not be taken for weights that only look equal. */
describe('weights that share almost everything', () => {
  const engine = toyEngine();

  /** y = reshape(a) + 2·reshape(b), a and b of equal size and other shapes. */
  function reshapes(first: readonly number[], second: readonly number[]): void {
    const size = first.reduce((x, y) => x * y, 1);
    const b = new ProgramBuilder('reshapes');
    b.node('reshape', 'Reshape');
    const range = { lo: -100, hi: 100 };
    const copies = [first, second].map((shape, i) => {
      const given = b.input(`x${i}`, shape, range);
      const copy = b.witness(`copy ${i}`, shape);
      b.define(copy, b.wholeForm(given));
      return copy;
    });
    const y = b.output('y', [size], { lo: -300, hi: 300 });
    const terms = copies.map((id, i) =>
      term(id, [reshape((i === 0 ? first : second).length, [0])], i + 1),
    );
    b.define(y, form(terms));
    const toy = fill(b.build(), seededDraw(71));
    const key = toyKey(engine, toy.program, toy.weights);
    const { proof, statement } = proveToy(engine, key, toy);
    expect(verifyProof(key.argument.key, statement, proof)).toMatchObject({ ok: true });
  }

  test('reshapes of two shapes of one size whose first blocks are equal', () => {
    // 96 = 64 + 32, 160 = 128 + 32; 80 = 64 + 16, 192 = 128 + 64.
    reshapes([96, 160], [80, 192]);
  });

  test('a reshape and the flat tensor', () => reshapes([24, 40], [960]));

  test('the same shape twice, and shapes in other orders', () => {
    reshapes([24, 40], [24, 40]);
    reshapes([24, 40], [40, 24]);
    reshapes([3, 5, 64], [3, 64, 5]);
  });

  test('gathers of equal lengths with other indices', () => {
    const b = new ProgramBuilder('gathers');
    b.node('gather', 'Gather');
    const x = b.input('x', [6], { lo: 0, hi: 99 });
    const copy = b.witness('copy', [6]);
    b.define(copy, b.wholeForm(x));
    const y = b.output('y', [4], { lo: 0, hi: 999 });
    const picked = [
      [0, 1, 2, 3],
      [5, 4, 3, -1],
    ].map((indices, i) => term(copy, [{ kind: 'gather', axis: 0, indices }], i + 1));
    b.define(y, form([...picked, term(copy, [along(0)], 3)]));
    const toy = fill(b.build(), seededDraw(72));
    const key = toyKey(engine, toy.program, toy.weights);
    const { proof, statement } = proveToy(engine, key, toy);
    expect(verifyProof(key.argument.key, statement, proof)).toMatchObject({ ok: true });
  });
});
