import { describe, expect, test } from 'vitest';
import { programOf, tensorOf } from '../../test/programs.ts';
import { elementCount } from '../shape/dimensions.ts';
import { checkLayout } from '../system/work.ts';
import { rangeTable } from '../tables/columns.ts';
import { SeededRandom } from '../testing/random.ts';
import type { Port, Program, TensorId } from '../types.ts';
import type { PortVisibility, Visibility } from '../visibility/visibility.ts';
import { publicVisibility } from '../visibility/visibility.ts';
import { halve, tile } from './blocks.ts';
import {
  type Layout,
  type LayoutProfile,
  layoutProgram,
  layoutTensor,
  type PlacedBlock,
  type Span,
  storedElements,
} from './layout.ts';
import { multiplicityTensor, PAD_COORDINATES, padTensor } from './pseudo-tensors.ts';

const SEED = 20261201;

function randomShape(random: SeededRandom): number[] {
  const axes = random.integer(0, 3);
  const most = [1, 700, 30, 9][axes] ?? 1;
  return Array.from({ length: axes }, () => random.integer(1, most));
}

function randomProgram(random: SeededRandom): Program {
  const roles = ['input', 'output', 'model', 'witness', 'witness'] as const;
  const tensors = Array.from({ length: random.integer(1, 12) }, (_, i) => {
    const role = roles[random.integer(0, roles.length - 1)] ?? 'witness';
    return tensorOf(
      `t${i}`,
      role,
      randomShape(random),
      role === 'witness' ? null : { lo: 0, hi: 1 },
    );
  });
  const tables = Array.from({ length: random.integer(0, 3) }, (_, i) =>
    rangeTable(`r${i}`, { lo: 0, hi: random.integer(0, 600) }),
  );
  const ports = (side: 'input' | 'output'): Port[] =>
    tensors.flatMap(({ role, shape, name }, tensor) =>
      role === side ? [{ name, tensor, shape, scale: 1, zero: 0, meaning: 'number' }] : [],
    );
  return programOf({ tensors, tables, inputs: ports('input'), outputs: ports('output') });
}

function randomProfile(random: SeededRandom, program: Program, logRows: number): LayoutProfile {
  const tail = (): number => random.integer(1, 2 ** logRows - 1);
  const port = (): PortVisibility => {
    const kind = (['public', 'hidden', 'committed'] as const)[random.integer(0, 2)] ?? 'public';
    return kind === 'committed' ? { kind, tailRows: tail() } : { kind };
  };
  const visibility: Visibility = {
    inputs: program.inputs.map(port),
    outputs: program.outputs.map(port),
    weights: { kind: 'hidden', tailRows: tail() },
  };
  return { visibility, tailRows: tail(), pads: random.integer(0, 90) };
}

/** Tensors that a layout must hold, with their shapes. */
function stored(program: Program, { visibility, pads }: LayoutProfile): Map<TensorId, number[]> {
  const shapes = new Map<TensorId, number[]>();
  for (const [id, { role, shape }] of program.tensors.entries())
    if (role === 'model' || role === 'witness') shapes.set(id, [...shape]);
  for (const [i, { tensor, shape }] of program.inputs.entries())
    if (visibility.inputs[i]?.kind !== 'public') shapes.set(tensor, [...shape]);
  for (const [i, { tensor, shape }] of program.outputs.entries())
    if (visibility.outputs[i]?.kind !== 'public') shapes.set(tensor, [...shape]);
  for (const [table, { rows }] of program.tables.entries())
    shapes.set(multiplicityTensor(program, table), [rows]);
  if (pads > 0) shapes.set(padTensor(program), [PAD_COORDINATES, pads]);
  return shapes;
}

/** Whether every element of a shape is in one block, inside its padded box. */
function covers(shape: readonly number[], blocks: readonly PlacedBlock[]): boolean {
  const seen = new Uint8Array(elementCount(shape));
  for (const { start, length, bits, size } of blocks) {
    if (size !== bits.reduce((sum, b) => sum + b, 0)) return false;
    let flats = [0];
    for (const [a, n] of shape.entries()) {
      if ((length[a] ?? 0) > 2 ** (bits[a] ?? 0)) return false;
      flats = flats.flatMap((flat) =>
        Array.from({ length: length[a] ?? 0 }, (_, i) => flat * n + (start[a] ?? 0) + i),
      );
    }
    for (const flat of flats) seen[flat] = (seen[flat] ?? 0) + 1;
  }
  return seen.every((n) => n === 1);
}

/** Whether a block lies in its span at a multiple of its size, and touches no tail. */
function fits({ address, size }: PlacedBlock, span: Span, rows: number): boolean {
  const column = Math.floor(address / rows) - span.firstColumn;
  return (
    address % 2 ** size === 0 &&
    column >= 0 &&
    column < span.columns &&
    (address % rows) + 2 ** size <= rows - span.tailRows
  );
}

function spansOf(layout: Layout): Span[] {
  return [layout.model, ...layout.ports, layout.witness];
}

describe('layouts with tails', () => {
  test('200 random programs: blocks cover, are disjoint and aligned, and touch no tail', () => {
    const random = new SeededRandom(SEED);
    for (let round = 0; round < 200; round++) {
      const program = randomProgram(random);
      const logRows = random.integer(4, 9);
      const rows = 2 ** logRows;
      const profile = randomProfile(random, program, logRows);
      const message = `seed ${SEED}, round ${round}`;
      expect(checkLayout(program, logRows, profile), message).toEqual({ ok: true, value: null });
      const layout = layoutProgram(program, logRows, profile);
      expect(layoutProgram(program, logRows, profile), message).toEqual(layout);
      const spans = spansOf(layout);
      let next = 0;
      for (const { firstColumn, columns } of spans) {
        expect(firstColumn, message).toBeGreaterThanOrEqual(next);
        next = firstColumn + columns;
      }
      expect(2 ** layout.logColumns, message).toBeGreaterThanOrEqual(next);
      expect(layout.witness.columns, message).toBeGreaterThanOrEqual(5);
      const shapes = stored(program, profile);
      expect(new Set(layout.blocks.keys()), message).toEqual(new Set(shapes.keys()));
      const used = new Uint8Array(next * rows);
      let overlaps = false;
      for (const [tensor, blocks] of layout.blocks) {
        expect(covers(shapes.get(tensor) ?? [], blocks), message).toBe(true);
        const port = layout.ports.find((p) => p.tensor === tensor);
        const isModel = program.tensors[tensor]?.role === 'model';
        const span = port ?? (isModel ? layout.model : layout.witness);
        expect(
          blocks.every((block) => fits(block, span, rows)),
          message,
        ).toBe(true);
        for (const { address, size } of blocks) {
          overlaps ||= used.subarray(address, address + 2 ** size).includes(1);
          used.fill(1, address, address + 2 ** size);
        }
      }
      expect(overlaps, message).toBe(false);
    }
  });

  test('a committed tensor is laid out alone the way programs lay it out', () => {
    const random = new SeededRandom(SEED + 1);
    let compared = 0;
    for (let round = 0; round < 200; round++) {
      const program = randomProgram(random);
      const logRows = random.integer(4, 9);
      const profile = randomProfile(random, program, logRows);
      const layout = layoutProgram(program, logRows, profile);
      for (const { tensor, tailRows, firstColumn, columns } of layout.ports) {
        const alone = layoutTensor(program.tensors[tensor]?.shape ?? [], logRows, tailRows);
        expect(alone.columns).toBe(columns);
        const there = (layout.blocks.get(tensor) ?? []).map((block) => ({
          start: block.start,
          length: block.length,
          bits: block.bits,
          size: block.size,
          address: block.address - firstColumn * 2 ** logRows,
        }));
        expect(alone.blocks).toEqual(there);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(100);
  });

  test('ports come in order: inputs, then outputs', () => {
    const shape = [3];
    const range = { lo: 0, hi: 1 };
    const tensors = [
      tensorOf('y', 'output', shape, range),
      tensorOf('b', 'input', shape, range),
      tensorOf('a', 'input', shape, range),
    ];
    const port = { shape, scale: 1, zero: 0, meaning: 'number' } as const;
    const program = programOf({
      tensors,
      inputs: [
        { ...port, name: 'a', tensor: 2 },
        { ...port, name: 'b', tensor: 1 },
      ],
      outputs: [{ ...port, name: 'y', tensor: 0 }],
    });
    const committed = (tailRows: number) => ({ kind: 'committed', tailRows }) as const;
    const { ports } = layoutProgram(program, 4, {
      visibility: {
        inputs: [committed(3), committed(5)],
        outputs: [committed(7)],
        weights: { kind: 'public' },
      },
      tailRows: 2,
      pads: 0,
    });
    expect(ports.map(({ tensor, tailRows }) => [tensor, tailRows])).toEqual([
      [2, 3],
      [1, 5],
      [0, 7],
    ]);
  });

  test('a large tensor fills its columns: little more than its elements and the tails', () => {
    const rows = 2 ** 12;
    for (const [shape, tailRows] of [
      [[64, 2048], 300],
      [[100_000], 700],
      [[1000, 130], 1],
      [[40, 40, 40], 2000],
      [[768, 96], 1100],
    ] as const) {
      const padded = tile(shape).reduce((sum, { size }) => sum + 2 ** size, 0);
      const { columns } = layoutTensor(shape, 12, tailRows);
      // Whole slots of 1/64 column are filled, one column may be begun.
      expect(columns).toBeLessThanOrEqual(Math.ceil(padded / (rows - tailRows - rows / 64)) + 1);
    }
  });

  test('a tail leaves a column some room', () => {
    const program = programOf({ tensors: [tensorOf('x', 'witness', [4])] });
    const profile = (tailRows: number): LayoutProfile => ({
      visibility: publicVisibility(program),
      tailRows,
      pads: 0,
    });
    expect(layoutProgram(program, 4, profile(15)).witness.columns).toBe(4);
    for (const tailRows of [16, -1, 0.5, Number.NaN]) {
      expect(() => layoutProgram(program, 4, profile(tailRows))).toThrow(RangeError);
      expect(checkLayout(program, 4, profile(tailRows))).toEqual({
        ok: false,
        error: { kind: 'program/limit', what: 'tail rows', limit: 15, actual: tailRows },
      });
    }
  });

  test('tails that leave so little room that blocks are very many are refused before layout', () => {
    const program = programOf({ tensors: [tensorOf('x', 'witness', [2 ** 20])] });
    const visibility = publicVisibility(program);
    const rows = 2 ** 16;
    expect(checkLayout(program, 16, { visibility, tailRows: rows / 2, pads: 0 }).ok).toBe(true);
    expect(checkLayout(program, 16, { visibility, tailRows: rows - 1, pads: 0 })).toMatchObject({
      error: { kind: 'program/limit', what: 'blocks' },
    });
  });

  describe('so are tails', () => {
    const rows = 2 ** 16;
    const long = rows - 1;
    const shape = [2 ** 20];
    const port = { name: 'x', tensor: 0, shape, scale: 1, zero: 0, meaning: 'number' } as const;
    const refused = (program: Program, profile: Partial<LayoutProfile>): void => {
      const own = { visibility: publicVisibility(program), tailRows: 1, pads: 0, ...profile };
      expect(checkLayout(program, 16, own)).toMatchObject({
        error: { kind: 'program/limit', what: 'blocks' },
      });
    };

    test('of hidden weights, of the root that they renew', () => {
      const tensors = ['w', 'earlier w'].map((name) => tensorOf(name, 'model', shape));
      const program = programOf({ tensors });
      const weights = (tailRows: number) => ({
        ...publicVisibility(program),
        weights: { kind: 'hidden', tailRows } as const,
      });
      refused(program, { visibility: weights(long) });
      const renews = { of: 'model', tailRows: long } as const;
      refused(program, { visibility: { ...weights(1), renews } });
      const visibility = { ...weights(1), renews: { ...renews, tailRows: 1 } };
      expect(checkLayout(program, 16, { visibility, tailRows: 1, pads: 0 }).ok).toBe(true);
    });

    test('of committed ports', () => {
      const committed = [{ kind: 'committed', tailRows: long }] as const;
      const range = { lo: 0, hi: 1 };
      const input = programOf({
        tensors: [tensorOf('x', 'input', shape, range)],
        inputs: [port],
      });
      const output = programOf({
        tensors: [tensorOf('x', 'output', shape, range)],
        outputs: [port],
      });
      const [own, other] = [publicVisibility(input), publicVisibility(output)];
      refused(input, { visibility: { ...own, inputs: committed } });
      refused(output, { visibility: { ...other, outputs: committed } });
    });

    test('of pads and multiplicities', () => {
      refused(programOf({}), { tailRows: long, pads: 2 ** 18 });
      const segments = [{ rows: 2 ** 20, start: 0, slope: 1 }];
      const table = {
        name: 'range',
        rows: 2 ** 20,
        keys: 1,
        columns: [{ kind: 'segments', segments } as const],
      };
      refused(programOf({ tables: [table] }), { tailRows: long });
    });
  });
});

describe('layouts without tails', () => {
  test('one block after the other in descending size, the order given among equals', () => {
    const random = new SeededRandom(SEED + 2);
    for (let round = 0; round < 200; round++) {
      const program = randomProgram(random);
      const logRows = random.integer(2, 10);
      const layout = layoutProgram(program, logRows);
      const { model, witness, ports } = layout;
      const message = `seed ${SEED + 2}, round ${round}`;
      expect(ports, message).toEqual([]);
      for (const span of [model, witness]) {
        expect(span.tailRows, message).toBe(0);
        const first = span.firstColumn * 2 ** logRows;
        const expected = [...layout.blocks.keys()]
          .filter((id) => (span === model) === (program.tensors[id]?.role === 'model'))
          .sort((a, b) => a - b)
          .flatMap((id) => {
            const shape = program.tensors[id]?.shape;
            const rows = program.tables[id - program.tensors.length]?.rows ?? 1;
            return tile(shape ?? [rows]).map((block) => ({ ...block, tensor: id }));
          })
          .sort((a, b) => b.size - a.size);
        let address = first;
        const placed = expected.map((block) => {
          const own = { ...block, address };
          address += 2 ** block.size;
          return own;
        });
        const found = [...layout.blocks.values()]
          .flat()
          .filter((b) => (span === model) === (program.tensors[b.tensor]?.role === 'model'))
          .sort((a, b) => a.address - b.address);
        expect(found, message).toEqual(placed);
        expect(span.columns, message).toBe(
          Math.max(1, Math.ceil((address - first) / 2 ** logRows)),
        );
      }
      // The same with the profile spelled out.
      const profile = { visibility: publicVisibility(program), tailRows: 0, pads: 0 };
      expect(layoutProgram(program, logRows, profile), message).toEqual(layout);
    }
  });
});

test('halves of a block are what it is', () => {
  const random = new SeededRandom(SEED + 3);
  for (let round = 0; round < 200; round++) {
    const shape = [...randomShape(random), 2];
    let blocks = [...tile(shape)];
    for (let step = 0; step < 4; step++)
      blocks = blocks.flatMap((block) =>
        block.size > 0 && random.integer(0, 1) === 0 ? halve(block) : [block],
      );
    const placed = blocks.map((block) => ({ ...block, address: 0 }));
    expect(covers(shape, placed), `round ${round}`).toBe(true);
  }
});

test('stored elements: of each commitment, pads and hidden ports with the witness', () => {
  const range = { lo: 0, hi: 1 };
  const shape = [8];
  const tensors = [
    tensorOf('x', 'input', shape, range),
    tensorOf('w', 'model', [4], range),
    tensorOf('h', 'witness', [16]),
    tensorOf('y', 'output', [2], range),
  ];
  const port = { scale: 1, zero: 0, meaning: 'number' } as const;
  const program = programOf({
    tensors,
    inputs: [{ ...port, name: 'x', tensor: 0, shape }],
    outputs: [{ ...port, name: 'y', tensor: 3, shape: [2] }],
  });
  expect(storedElements(program)).toEqual({ model: 4, ports: 0, witness: 16 });
  const visibility: Visibility = {
    inputs: [{ kind: 'committed', tailRows: 3 }],
    outputs: [{ kind: 'hidden' }],
    weights: { kind: 'public' },
  };
  expect(storedElements(program, { visibility, pads: 1 })).toEqual({
    model: 4,
    ports: 8,
    witness: 16 + 2 + 8,
  });
});
