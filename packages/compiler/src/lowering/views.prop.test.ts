import { deriveSystem, describeProgramError, validateProgram } from '@assay/program';
import { checkRelations, execute } from '@assay/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGraph } from '../compile-graph.ts';
import { RangeObserver } from '../float/observe.ts';
import {
  evaluateGraph,
  inferShape,
  sizeOf,
  type DenseTensor,
  type GraphNode,
} from '../graph/index.ts';
import { quantizeSample } from '../report/index.ts';
import { graphOf, seededRandom, type GraphSpec, type Random } from '../testing/index.ts';

type Node = GraphSpec['nodes'][number];

const below = (random: Random, n: number): number => Math.floor(random() * n);

const pick = <T>(random: Random, items: readonly T[]): T => {
  const item = items[below(random, items.length)];
  if (item === undefined) throw new RangeError('pick: expected a non-empty list');
  return item;
};

const shuffled = (random: Random, n: number): number[] => {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i -= 1) {
    const j = below(random, i + 1);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
};

/** Random lengths that multiply to n. */
const factors = (random: Random, n: number): number[] => {
  const shape: number[] = [];
  for (let rest = n; rest > 1 && shape.length < 4; ) {
    const divisors = Array.from({ length: rest }, (_, i) => i + 1).filter((d) => rest % d === 0);
    const d = shape.length === 3 ? rest : pick(random, divisors);
    shape.push(d);
    rest /= d;
    if (rest > 1 && shape.length === 4) shape.push(rest);
  }
  return shape.length === 0 ? [1] : shape;
};

const viewNode = (
  random: Random,
  input: string,
  shape: readonly number[],
  output: string,
): Node => {
  const rank = shape.length;
  const axis = below(random, rank);
  switch (below(random, 6)) {
    case 0:
      return ['Transpose', { permutation: shuffled(random, rank) }, [input], output];
    case 1:
      return ['Reshape', { shape: factors(random, sizeOf(shape)) }, [input], output];
    case 2: {
      const starts = shape.map(() => 0);
      const steps = shape.map(() => 1);
      const sizes = [...shape];
      const length = shape[axis] ?? 1;
      const step = pick(random, [1, 1, 2, -1, -2]);
      const size = 1 + below(random, Math.ceil(length / Math.abs(step)));
      const reach = (size - 1) * Math.abs(step);
      const first = below(random, length - reach);
      starts[axis] = step > 0 ? first : first + reach;
      steps[axis] = step;
      sizes[axis] = size;
      return ['Slice', { starts, steps, sizes }, [input], output];
    }
    case 3:
      return [
        'Gather',
        {
          axis,
          indices: Array.from({ length: 1 + below(random, 4) }, () =>
            below(random, shape[axis] ?? 1),
          ),
        },
        [input],
        output,
      ];
    case 4: {
      const pads = (): number[] => shape.map(() => (random() < 0.4 ? 1 : 0));
      return [
        'Pad',
        { padsBegin: pads(), padsEnd: pads(), value: pick(random, [0, 0, 3, -2]) },
        [input],
        output,
      ];
    }
    default:
      return [
        'Expand',
        {
          shape: [1 + below(random, 2), ...shape.map((d) => (d === 1 ? 1 + below(random, 2) : d))],
        },
        [input],
        output,
      ];
  }
};

/** A chain of rearrangements, some results concatenated with earlier ones. */
const randomSpec = (seed: number): GraphSpec => {
  const random = seededRandom(seed);
  const shape = Array.from({ length: 1 + below(random, 3) }, () => 1 + below(random, 4));
  const nodes: Node[] = [];
  const shapes = new Map<string, readonly number[]>([['x', shape]]);
  let current = 'x';
  const add = (node: Node): void => {
    const [operator, attributes, inputs, output] = node;
    const described = {
      name: output,
      operator,
      attributes,
      inputs,
      output,
      origin: { name: output, operator },
    } as GraphNode;
    const inferred = inferShape(
      described,
      inputs.map((input) => shapes.get(input) ?? []),
    );
    if (sizeOf(inferred) > 400 || inferred.length > 6) return;
    nodes.push(node);
    shapes.set(output, inferred);
    current = output;
  };
  const count = 1 + below(random, 6);
  for (let i = 0; i < count; i += 1) {
    const own = shapes.get(current) ?? [];
    const axis = own.length === 0 ? 0 : below(random, own.length);
    const mates = [...shapes]
      .filter(([, s]) => s.length === own.length && s.every((d, a) => a === axis || d === own[a]))
      .map(([name]) => name);
    if (random() < 0.2 && own.length > 0)
      add(['Concat', { axis }, [current, pick(random, mates)], `v${i}`]);
    else if (own.length > 0) add(viewNode(random, current, own, `v${i}`));
  }
  if (nodes.length === 0) nodes.push(['Identity', {}, ['x'], 'v']);
  return { inputs: { x: shape }, nodes };
};

/** Chains that once went wrong: a carry view of part of a tensor, of a broadcast, of too many axes. */
const FOUND = [676590551, 143462500, 26992173];

describe('views', () => {
  it('read what materialised rearrangements hold', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (seed) => {
        const graph = graphOf('views', randomSpec(seed));
        const dims = graph.values.get('x')?.shape ?? [];
        const sample = new Map<string, DenseTensor>([
          ['x', { dims, data: Float64Array.from({ length: sizeOf(dims) }, (_, i) => 5 + i) }],
        ]);
        const floats = evaluateGraph(graph, sample);
        const observer = new RangeObserver();
        observer.add(floats);
        const { program, weights } = compileGraph(graph, [sample], observer.ranges());
        const valid = validateProgram(program);
        expect(valid.ok ? '' : describeProgramError(valid.error)).toBe('');
        const ranges = deriveSystem(program);
        expect(ranges.ok ? '' : describeProgramError(ranges.error)).toBe('');
        const trace = execute(program, weights, quantizeSample(program, sample), null);
        expect(checkRelations(program, weights, trace)).toEqual([]);
        const [port] = program.outputs;
        expect(port?.scale).toBe(1);
        expect([...(trace.get(port?.tensor ?? -1) ?? [])]).toEqual([
          ...(floats.get(port?.name ?? '')?.data ?? []),
        ]);
      }),
      { numRuns: 400, seed: 20260801, examples: FOUND.map((seed): [number] => [seed]) },
    );
  });
});
