import { describe, expect, test } from 'vitest';
import { decodeProgram, encodeProgram, LIMITS, programDigest, type Program } from '../src/index.ts';
import { SeededRandom } from '../src/testing/random.ts';
import { rescaleProgram } from './programs.ts';

const program = rescaleProgram(-100, 100, 4, -7, 6);
const bytes = encodeProgram(program);

describe('program encoding', () => {
  test('decodes to the same program, and is deterministic', () => {
    expect(decodeProgram(bytes)).toEqual({ ok: true, value: program });
    expect(encodeProgram(structuredClone(program))).toEqual(bytes);
  });

  test('its digest is golden', () => {
    expect(Buffer.from(programDigest(bytes)).toString('hex')).toMatchInlineSnapshot(
      `"5eaad2832a8a08fffad4b393b5bd83919032199a11a5a5ebddc04a7e98381c83"`,
    );
  });

  test('every truncation and extension is refused', () => {
    for (let n = 0; n < bytes.length; n++) expect(decodeProgram(bytes.slice(0, n)).ok).toBe(false);
    expect(decodeProgram(Uint8Array.of(...bytes, 0)).ok).toBe(false);
  });

  test('100,000 mutations: never a throw, and what is accepted is canonical', () => {
    const random = new SeededRandom(1);
    for (let i = 0; i < 100_000; i++) {
      const mutated = bytes.slice(
        0,
        random.integer(0, 9) === 0 ? random.integer(0, bytes.length) : bytes.length,
      );
      for (let k = random.integer(1, 3); k > 0 && mutated.length > 0; k--)
        mutated[random.integer(0, mutated.length - 1)] = random.integer(0, 255);
      const decoded = decodeProgram(mutated);
      if (decoded.ok) expect(encodeProgram(decoded.value)).toEqual(mutated);
    }
  });

  test('limits are checked before anything is read', () => {
    const huge = new Uint8Array(LIMITS.programBytes + 1);
    expect(decodeProgram(huge)).toMatchObject({
      ok: false,
      error: { kind: 'program/limit', what: 'bytes' },
    });
  });
});

describe('validation refuses', () => {
  const cases: readonly (readonly [string, (p: Program) => Program])[] = [
    [
      'a shape with a zero',
      (p) => ({ ...p, tensors: p.tensors.map((t, i) => (i === 1 ? { ...t, shape: [0] } : t)) }),
    ],
    [
      'a tensor larger than the limit',
      (p) => ({
        ...p,
        tensors: p.tensors.map((t, i) => (i === 1 ? { ...t, shape: [2 ** 20, 2 ** 20] } : t)),
      }),
    ],
    [
      'a range wider than p',
      (p) => ({
        ...p,
        tensors: p.tensors.map((t, i) =>
          i === 0 ? { ...t, range: { lo: -(2 ** 30), hi: 2 ** 30 + 2 ** 29 } } : t,
        ),
      }),
    ],
    [
      'an unknown tensor',
      (p) => ({
        ...p,
        relations: p.relations.map((r) =>
          r.kind === 'zero'
            ? { ...r, form: { ...r.form, terms: r.form.terms.map((t) => ({ ...t, tensor: 99 })) } }
            : r,
        ),
      }),
    ],
    [
      'a view that misses a storage axis',
      (p) => ({
        ...p,
        relations: p.relations.map((r) =>
          r.kind === 'zero'
            ? { ...r, form: { ...r.form, terms: r.form.terms.map((t) => ({ ...t, view: [] })) } }
            : r,
        ),
      }),
    ],
    [
      'a view that reads an axis that does not exist',
      (p) => ({
        ...p,
        relations: p.relations.map((r) => (r.kind === 'zero' ? { ...r, dims: [] } : r)),
      }),
    ],
    [
      'a lookup with a missing entry',
      (p) => ({
        ...p,
        relations: p.relations.map((r) => (r.kind === 'lookup' ? { ...r, entries: [] } : r)),
      }),
    ],
    [
      'an unknown table',
      (p) => ({
        ...p,
        relations: p.relations.map((r) => (r.kind === 'lookup' ? { ...r, table: 7 } : r)),
      }),
    ],
    [
      'segments that do not cover the rows',
      (p) => ({ ...p, tables: p.tables.map((t) => ({ ...t, rows: t.rows + 1 })) }),
    ],
    ['a tensor that no step produces', (p) => ({ ...p, steps: p.steps.slice(1) })],
    ['a tensor that two steps produce', (p) => ({ ...p, steps: [...p.steps, ...p.steps] })],
    ['an input without port', (p) => ({ ...p, inputs: [] })],
    [
      'a port of the wrong role',
      (p) => ({ ...p, outputs: p.outputs.map((o) => ({ ...o, tensor: 1 })) }),
    ],
    [
      'a port of another size',
      (p) => ({ ...p, outputs: p.outputs.map((o) => ({ ...o, shape: [3] })) }),
    ],
    ['a scale of zero', (p) => ({ ...p, outputs: p.outputs.map((o) => ({ ...o, scale: 0 })) })],
    ['an unknown node', (p) => ({ ...p, nodes: [] })],
  ];
  test.each(cases)('%s', (_, change) => {
    const decoded = decodeProgram(encodeProgram(change(program)));
    expect(decoded.ok).toBe(false);
  });
});
