import { expect, test } from 'vitest';
import { randomWords } from '../../test/describe-engine.ts';
import { P, rootOfUnity } from '../field/index.ts';
import {
  compileKernels,
  createKernelMemory,
  fromMontgomery,
  instantiateKernels,
  KERNEL_NAMES,
  type KernelName,
  referenceKernels,
  toMontgomery,
} from './index.ts';

// Every kernel against its reference on the same memory: all bytes outside scratch must agree
// afterwards, so a write beyond the result is found too.

const BYTES = 2 ** 20;
/** Below lie the constants of the WebAssembly module. */
const BASE = 65536;
const memory = createKernelMemory();
const wasm = instantiateKernels(compileKernels(), memory);
const fast = new Uint8Array(memory.buffer, BASE, BYTES - BASE);
const slow = new Uint8Array(BYTES);

const WORD_EDGES = [0, 1, P - 1, P - 2, (P - 1) / 2, (P + 1) / 2, 2 ** 27, 2 ** 30];
const INT_EDGES = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31 - 1), -(2 ** 31), P - 2 ** 31, 65535, -65536];
/** Ends of what random columns hold, [0, p), and of all integers. */
const WIDE = [P - 1, (P - 1) / 2, (P + 1) / 2, 2 ** 31 - 1, -(2 ** 31)];
/** Scalars that become the ends of the centered range when they multiply integers. */
const WIDEST_SCALARS = [fromMontgomery((P - 1) / 2), fromMontgomery((P + 1) / 2)];

/** Lays out arguments one after the other, with a gap that must survive. */
class Layout {
  readonly next: () => number;
  readonly #view = new DataView(slow.buffer);
  #top = BASE;
  scratch: { from: number; to: number } = { from: BASE, to: BASE };

  constructor(seed: number) {
    this.next = randomWords(seed);
    for (let i = BASE; i < BYTES; i += 4) this.#view.setUint32(i, this.next(), true);
  }

  alloc(bytes: number): number {
    // Not always aligned to 16 bytes: slices are not either.
    const ptr = this.#top + 4 * (this.next() % 4);
    this.#top = Math.ceil((ptr + bytes) / 16) * 16 + 16;
    if (this.#top > BYTES) throw new Error('test memory is too small');
    return ptr;
  }

  words(n: number, word: () => number): number {
    const ptr = this.alloc(4 * n);
    for (let i = 0; i < n; i++) this.#view.setUint32(ptr + 4 * i, word() >>> 0, true);
    return ptr;
  }

  element = (): number => {
    const n = this.next();
    return n % 4 === 0 ? (WORD_EDGES[(n >>> 2) % WORD_EDGES.length] ?? 0) : this.next() % P;
  };

  int = (): number => {
    const n = this.next();
    return n % 2 === 0 ? (INT_EDGES[(n >>> 1) % INT_EDGES.length] ?? 0) : this.next() | 0;
  };

  small = (): number => (this.next() % 65536) - 32768;

  /** [ptr, stride] of a K vector; stride > length most of the time. */
  k(n: number, word: () => number = this.element): [number, number] {
    const stride = n + (this.next() % 4) * 3;
    return [this.words(5 * stride, word), stride];
  }

  scalar(): number {
    return this.words(5, this.element);
  }

  scratchOf(bytes: number): number {
    const from = this.alloc(bytes);
    this.scratch = { from, to: from + bytes };
    return from;
  }

  pointers(list: readonly number[]): number {
    let i = 0;
    return this.words(list.length, () => list[i++] ?? 0);
  }
}

function compare(name: KernelName, label: string, layout: Layout, args: readonly number[]): void {
  const expected = slow.subarray(BASE);
  fast.set(expected);
  wasm[name](...args);
  referenceKernels[name]({ view: new DataView(slow.buffer), bytes: slow }, ...args);
  const { from, to } = layout.scratch;
  expected.fill(0, from - BASE, to - BASE);
  fast.fill(0, from - BASE, to - BASE);
  if (Buffer.compare(fast, expected) === 0) return;
  const at = BASE + expected.findIndex((byte, i) => byte !== fast[i]);
  expect.fail(`${name} ${label}: memory differs at ${at}, arguments ${args.join(', ')}`);
}

const LENGTHS = [1, 2, 3, 4, 5, 6, 7, 8, 63, 64, 65, 67, 130];

type Case = (l: Layout, n: number) => readonly number[];

const DOT_SCRATCH = 41_120;

function dotRowsOf(make: (l: Layout) => () => number, rows: number, gap: number, k?: number): Case {
  return (l, n) => {
    const x = l.words(rows * (n + gap), make(l));
    const vector = l.k(n, k === undefined ? l.element : () => k);
    const out = l.k(rows);
    return [x, n + gap, rows, ...vector, n, ...out, l.scratchOf(DOT_SCRATCH)];
  };
}

/** Arguments for n elements; several calls per length. */
const CASES: Readonly<Record<KernelName, { lengths?: readonly number[]; cases: readonly Case[] }>> =
  {
    fill: { cases: [(l, n) => [...l.k(n), n, l.scalar()]] },
    copy: { cases: [(l, n) => [...l.k(n), ...l.k(n), n]] },
    axpy: { cases: [(l, n) => [l.scalar(), ...l.k(n), ...l.k(n), n]] },
    outer: {
      cases: [
        (l, n) => [...l.k(3), 3, ...l.k(n), n, ...l.k(3 * n)],
        (l, n) => [...l.k(n), n, ...l.k(2), 2, ...l.k(2 * n)],
      ],
    },
    eqStep: { cases: [(l, n) => [...l.k(2 * n + 1), n + 1, n, l.scalar()]] },
    powers: { cases: [(l, n) => [l.scalar(), l.scalar(), ...l.k(n), n]] },
    bind: { cases: [(l, n) => [...l.k(2 * n + 2), n + 2, n, l.scalar()]] },
    dotRows: {
      cases: [
        (l, n) => [...l.k(3 * n), 3, ...l.k(n), n, ...l.k(3)],
        // The largest sums: all coordinates at the ends of the centered range.
        (l, n) => {
          const edge = (): number => (P + 1) / 2;
          return [...l.k(2 * n, edge), 2, ...l.k(n, edge), n, ...l.k(2)];
        },
        (l, n) => {
          const edge = (): number => (P - 1) / 2;
          return [...l.k(2 * n, edge), 2, ...l.k(n, edge), n, ...l.k(2)];
        },
      ],
    },
    axpyInt: {
      cases: [
        (l, n) => [l.scalar(), l.words(n, l.int), ...l.k(n), n],
        (l, n) => [l.scalar(), l.words(n, l.element), ...l.k(n), n],
        ...WIDE.flatMap((x) =>
          WIDEST_SCALARS.map(
            (k): Case =>
              (l, n) => [l.words(5, () => k), l.words(n, () => x), ...l.k(n), n],
          ),
        ),
      ],
    },
    fromInts: {
      cases: [
        (l, n) => [l.words(n, l.int), ...l.k(n), n],
        (l, n) => [l.words(n, l.element), ...l.k(n), n],
        ...WIDE.map(
          (x): Case =>
            (l, n) => [l.words(n, () => x), ...l.k(n), n],
        ),
      ],
    },
    dotIntRows: {
      lengths: [...LENGTHS, 2047, 2048, 2049, 4100],
      cases: [
        dotRowsOf((l) => l.int, 3, 3),
        dotRowsOf((l) => l.small, 2, 0),
        // Just within and just beyond each way of computing, at its largest sums.
        ...[2 ** 21, -(2 ** 21) - 1, -(2 ** 31)].map((x) => dotRowsOf(() => () => x, 1, 0, P - 1)),
        // Five rows and more: k as 16-bit halves. k with the least low half, the largest high half.
        ...[0, 1, -127, 2047, -2048, 8191, 16384, 32767, -32767, -32768, 32768].flatMap((x) =>
          [P - 1, 0x77ff8000, 0x7fff, 0].map((k) => dotRowsOf(() => () => x, 5, 1, k)),
        ),
        dotRowsOf((l) => () => (l.next() % 255) - 127, 7, 0),
        dotRowsOf((l) => () => (l.next() % 65535) - 32767, 7, 2),
        dotRowsOf((l) => l.int, 6, 3),
        // Uniform elements of F, and their largest sums.
        dotRowsOf((l) => l.element, 6, 3),
        ...WIDE.map((x) => dotRowsOf(() => () => x, 5, 1, P - 1)),
      ],
    },
    dotInts: {
      lengths: [...LENGTHS, 2049],
      cases: [3, 5, 7].flatMap((count) =>
        [undefined, ...WIDE].map(
          (x): Case =>
            (l, n) => {
              // Columns of all kinds; or all at an end.
              const kinds = [l.int, l.small, l.element];
              const columns = Array.from({ length: count }, (_, c) =>
                l.words(n + 5, x === undefined ? (kinds[c % 3] ?? l.int) : () => x),
              );
              const k = l.k(n, x === undefined ? l.element : () => P - 1);
              const out = l.k(count);
              return [l.pointers(columns), count, 5, ...k, n, ...out, l.scratchOf(DOT_SCRATCH)];
            },
        ),
      ),
    },
    combineInts: {
      cases: [1, 2, 3, 9, 40].flatMap((count) =>
        ['int', 'small', 'element', 'mixed', 32767, -32768, 127, ...WIDE].map(
          (kind): Case =>
            (l, n) => {
              const words: Readonly<Record<string, () => number>> = {
                int: l.int,
                small: l.small,
                element: l.element,
              };
              // Mixed: small columns with random ones among them.
              const word = (c: number): (() => number) =>
                kind === 'mixed'
                  ? ([l.small, l.small, l.small, l.element][c % 4] ?? l.small)
                  : (words[kind] ?? (() => Number(kind)));
              const columns = Array.from({ length: count }, (_, c) =>
                c % 4 === 2 ? 0 : l.words(n + 6, word(c)),
              );
              const widest = typeof kind === 'number' && count % 3 > 0;
              const scalars = l.words(5 * count, () =>
                widest ? (WIDEST_SCALARS[(count % 3) - 1] ?? 0) : l.element(),
              );
              const scratch = l.scratchOf(560 * count + 200);
              return [l.pointers(columns), count, scalars, 6, ...l.k(n), n, scratch];
            },
        ),
      ),
    },
    fingerprints: {
      cases: [0, 1, 4].map(
        (count): Case =>
          (l, n) => {
            const columns = Array.from({ length: count }, (_, c) =>
              l.words(n + 3, c % 2 === 0 ? l.int : l.element),
            );
            const mask = l.words(n + 3, () => l.next() % 2);
            const betas = l.words(5 * count, l.element);
            return [l.pointers(columns), count, betas, l.scalar(), mask, 3, ...l.k(n), n];
          },
      ),
    },
    quadraticRound: {
      cases: [
        (l, n) => [...l.k(2 * n + 1), ...l.k(2 * n + 1), n + 1, n, ...l.k(2)],
        (l, n) => {
          const edge = (): number => (l.next() % 2 === 0 ? (P - 1) / 2 : (P + 1) / 2);
          return [...l.k(2 * n, edge), ...l.k(2 * n, edge), n, n, ...l.k(2)];
        },
      ],
    },
    cubicRound: {
      cases: [
        (l, n) => [...l.k(2 * n + 1), ...l.k(2 * n + 1), ...l.k(2 * n + 1), n + 1, n, ...l.k(3)],
        (l, n) => {
          const edge = (): number => (l.next() % 2 === 0 ? (P - 1) / 2 : (P + 1) / 2);
          return [...l.k(2 * n, edge), ...l.k(2 * n, edge), ...l.k(2 * n, edge), n, n, ...l.k(3)];
        },
      ],
    },
    fractionLayer: { cases: [(l, n) => [...l.k(2 * n), ...l.k(2 * n), ...l.k(n), ...l.k(n), n]] },
    deinterleave: { cases: [(l, n) => [...l.k(2 * n), ...l.k(n), ...l.k(n), n]] },
    fractionRound: {
      cases: [false, true].map(
        (zero): Case =>
          (l, n) => {
            const tables = [1, 2, 3, 4].flatMap(() => l.k(2 * n + 1));
            const lambda = zero ? l.words(5, () => 0) : l.scalar();
            return [...l.k(n), ...tables, lambda, n + 1, n, ...l.k(2)];
          },
      ),
    },
    twiddles: {
      lengths: [0, 1, 2, 3, 5, 9],
      cases: [
        (l, log) => {
          let j = 0;
          const roots = l.words(log, () => toMontgomery(rootOfUnity(2 + j++)));
          return [l.words(2 ** log, l.element), log, roots];
        },
      ],
    },
    encode: {
      lengths: [0, 1, 2, 3, 4, 5, 6, 7],
      cases: [0, 1, 2, 3].flatMap((mu) =>
        [1, 3, 4, 6, 9, 18].map(
          (count): Case =>
            (l, logM) => {
              const montgomery = (mu + count) % 2;
              const size = 2 ** logM;
              const columns = Array.from({ length: count }, (_, c) =>
                c === 4 ? 0 : l.words(size, montgomery === 1 || c % 3 === 1 ? l.element : l.int),
              );
              // The table is filled by the kernel itself, tested above.
              const logTable = Math.max(0, logM + mu - 1);
              let j = 0;
              const roots = l.words(logTable, () => toMontgomery(rootOfUnity(2 + j++)));
              const table = l.alloc(4 * 2 ** logTable);
              const slots = new DataView(slow.buffer);
              referenceKernels.twiddles({ view: slots, bytes: slow }, table, logTable, roots);
              const words = count + (mu % 3);
              const rows = l.alloc(4 * words * 2 ** (logM + mu));
              const from = mu > 1 ? 1 : 0;
              const width = 1 + ((logM + count) % 4);
              const scratch = l.scratchOf(32 * size * width);
              const code = [montgomery, logM, mu, from, 2 ** mu, table, scratch, width];
              return [l.pointers(columns), count, ...code, rows, words];
            },
        ),
      ),
    },
    addPowers: {
      cases: [1, 4, 5, 6, 11].map(
        (count): Case =>
          (l, n) => {
            const xs = l.words(count, l.element);
            const coefficients = l.words(5 * count, l.element);
            return [xs, coefficients, count, ...l.k(n), n, l.scratchOf(288 * count)];
          },
      ),
    },
    leaves: {
      lengths: [1, 2, 3, 8],
      cases: [4, 132, 136, 140, 268, 272, 276, 400].flatMap((rowBytes) =>
        [0, 32, 16, 3].map(
          (saltBytes): Case =>
            (l, n) => {
              const size = 1 + saltBytes + rowBytes;
              const scratch = l.scratchOf(2 * 136 * (Math.floor(size / 136) + 1));
              return [
                l.alloc(n * rowBytes),
                rowBytes,
                l.alloc(n * saltBytes),
                saltBytes,
                n,
                l.alloc(32 * n),
                scratch,
              ];
            },
        ),
      ),
    },
    nodes: { cases: [(l, n) => [l.alloc(64 * n), n, l.alloc(32 * n)]] },
    grind: {
      lengths: [0, 1, 4, 8],
      cases: [
        (l, bits) => [l.alloc(32), bits, l.next(), l.next(), 301, l.alloc(12)],
        (l, bits) => [l.alloc(32), bits, 2 ** 32 - 3, 5, 7, l.alloc(12)],
        (l) => [l.alloc(32), 64, 0, 0, 5, l.alloc(12)],
        (l) => [l.alloc(32), 63, 0, 0, 0, l.alloc(12)],
      ],
    },
    digests: {
      cases: [64, 128, 8, 0].map(
        (size): Case =>
          (l, n) => [l.alloc(size * n + 8), size, n, l.alloc(32 * n), l.scratchOf(2 * 136)],
      ),
    },
    maxAbs: {
      lengths: [0, ...LENGTHS],
      cases: [
        (l, n) => [l.words(n, l.int), n, l.alloc(4)],
        (l, n) => [l.words(n, l.small), n, l.alloc(4)],
      ],
    },
    packI16: { cases: [(l, n) => [l.words(n, l.int), l.alloc(2 * n), n]] },
    matmulI32: {
      lengths: [1, 2, 3, 4, 7, 8, 19, 33],
      cases: [
        (l, k) => [l.words(5 * k, l.int), 5, l.words(7 * k, l.int), 7, k, l.alloc(4 * 5 * 9), 9],
        (l, k) => [l.words(k, l.int), 1, l.words(8 * k, l.int), 8, k, l.alloc(4 * 8), 8],
      ],
    },
    matmulI16: {
      lengths: [1, 2, 3, 4, 7, 8, 19, 33],
      cases: [
        (l, k) => [l.alloc(2 * 5 * k), 5, l.alloc(2 * 7 * k), 7, k, l.alloc(4 * 5 * 9), 9],
        (l, k) => {
          const edge = (): number => 0x80008000;
          const [a, b] = [l.words(3 * k, edge), l.words(6 * k, edge)];
          return [a, 6, b, 12, k, l.alloc(4 * 72), 12];
        },
      ],
    },
  };

for (const name of KERNEL_NAMES) {
  test(`${name} equals its reference`, () => {
    const { lengths = LENGTHS, cases } = CASES[name];
    for (const n of lengths) {
      for (const [c, make] of cases.entries()) {
        const seed = 1000 * n + c + 1;
        const layout = new Layout(seed);
        compare(name, `length ${n}, case ${c}, seed ${seed}`, layout, make(layout, n));
      }
    }
  });
}
