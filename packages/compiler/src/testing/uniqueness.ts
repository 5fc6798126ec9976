/**
 * Exhaustive search for a second trace: every assignment of field elements to a toy program's witness and
 * outputs that satisfies all relations mod p, for given inputs.
 */
import { P } from '@assay/core/field';
import {
  columnValues,
  elementCount,
  viewIndexer,
  type Form,
  type Program,
  type TensorId,
  type Trace,
  type Weights,
} from '@assay/program';

const MODULUS = BigInt(P);

const modP = (n: bigint): bigint => ((n % MODULUS) + MODULUS) % MODULUS;

const inverse = (a: bigint): bigint => {
  let result = 1n;
  for (let base = modP(a), e = MODULUS - 2n; e > 0n; e >>= 1n) {
    if ((e & 1n) === 1n) result = (result * base) % MODULUS;
    base = (base * base) % MODULUS;
  }
  return result;
};

/** Σ coefficient·element + constant, elements numbered through all tensors. */
interface Linear {
  readonly constant: bigint;
  readonly terms: readonly { readonly element: number; readonly coefficient: bigint }[];
}

type Row =
  | {
      readonly kind: 'zero';
      readonly linear: Linear;
      readonly products: readonly {
        readonly left: Linear;
        readonly right: Linear;
        readonly coefficient: bigint;
      }[];
      readonly unknowns: readonly number[];
    }
  | {
      readonly kind: 'lookup';
      readonly entries: readonly Linear[];
      readonly table: number;
      readonly unknowns: readonly number[];
    };

const indicesOf = (lengths: readonly number[]): number[][] => {
  let all: number[][] = [[]];
  for (const length of lengths)
    all = all.flatMap((head) => Array.from({ length }, (_, i) => [...head, i]));
  return all;
};

/** A toy program's relations, one row per index, over numbered elements. */
class Rows {
  readonly rows: Row[] = [];
  readonly byElement: Map<number, Row[]> = new Map();
  readonly unknowns: number[] = [];
  readonly offsets: number[] = [];
  /** Least value and number of values of what a verifier checks itself: elements of outputs. */
  readonly ranges: Map<number, readonly [least: bigint, values: bigint]> = new Map();
  readonly tables: readonly {
    readonly keys: ReadonlySet<string>;
    readonly columns: readonly ReadonlySet<bigint>[];
  }[];
  private readonly program: Program;

  constructor(program: Program) {
    this.program = program;
    let next = 0;
    const unknown = new Set<number>();
    for (const { role, shape, range } of program.tensors) {
      this.offsets.push(next);
      const count = elementCount(shape);
      if (role === 'witness' || role === 'output')
        for (let i = 0; i < count; i += 1) {
          unknown.add(next + i);
          if (range !== null)
            this.ranges.set(next + i, [BigInt(range.lo), BigInt(range.hi - range.lo + 1)]);
        }
      next += count;
    }
    this.unknowns.push(...unknown);
    this.tables = program.tables.map((table) => {
      const columns = table.columns.map((column) =>
        [...columnValues(column)].map((v) => modP(BigInt(v))),
      );
      const keys = new Set(
        Array.from({ length: table.rows }, (_, row) => columns.map((c) => c[row]).join()),
      );
      return { keys, columns: columns.map((c) => new Set(c)) };
    });
    const open = (...forms: readonly Linear[]): number[] =>
      [...new Set(forms.flatMap((f) => f.terms.map((t) => t.element)))].filter((e) =>
        unknown.has(e),
      );
    for (const relation of program.relations) {
      for (const index of indicesOf(relation.dims)) {
        if (relation.kind === 'lookup') {
          const entries = relation.entries.map((entry) => this.linear(entry, relation.dims, index));
          this.rows.push({
            kind: 'lookup',
            entries,
            table: relation.table,
            unknowns: open(...entries),
          });
          continue;
        }
        const linear = this.linear(relation.form, relation.dims, index);
        const products = relation.products.flatMap(({ coefficient, sums, left, right }) =>
          indicesOf(sums).map((tail) => {
            const dims = [...relation.dims, ...sums];
            const at = [...index, ...tail];
            return {
              coefficient: BigInt(coefficient),
              left: this.linear(left, dims, at),
              right: this.linear(right, dims, at),
            };
          }),
        );
        this.rows.push({
          kind: 'zero',
          linear,
          products,
          unknowns: open(linear, ...products.flatMap((p) => [p.left, p.right])),
        });
      }
    }
    for (const row of this.rows)
      for (const e of row.unknowns) this.byElement.set(e, [...(this.byElement.get(e) ?? []), row]);
  }

  private linear(form: Form, dims: readonly number[], index: readonly number[]): Linear {
    const terms = new Map<number, bigint>();
    for (const { tensor, coefficient, view, sums } of form.terms) {
      const at = viewIndexer(view, this.program.tensors[tensor]?.shape ?? [], [...dims, ...sums]);
      for (const tail of indicesOf(sums)) {
        const flat = at([...index, ...tail]);
        if (flat < 0) continue;
        const element = (this.offsets[tensor] ?? 0) + flat;
        terms.set(element, (terms.get(element) ?? 0n) + BigInt(coefficient));
      }
    }
    return {
      constant: BigInt(form.constant),
      terms: [...terms].map(([element, coefficient]) => ({ element, coefficient })),
    };
  }
}

export interface SearchResult {
  /** Satisfying traces found: 1 is what a sound lowering has (the search stops at 2). */
  readonly solutions: number;
  /** Assignments tried. */
  readonly tried: number;
}

/** Assignments after which a search gives up. */
const LIMIT = 5_000_000;

/** Prepares the search of one program; then give it traces, whose witness and outputs are ignored. */
export const traceSearch = (
  program: Program,
): ((weights: Weights, trace: Trace) => SearchResult) => {
  const system = new Rows(program);
  return (weights, trace) => {
    const values = new Map<number, bigint>();
    const open = new Set(system.unknowns);
    program.tensors.forEach(({ role, data }, id: TensorId) => {
      if (role === 'witness' || role === 'output') return;
      const known =
        role === 'model'
          ? weights.get(id)
          : role === 'constant'
            ? Int32Array.from(data ?? [])
            : trace.get(id);
      known?.forEach((v, i) => values.set((system.offsets[id] ?? 0) + i, modP(BigInt(v))));
    });
    const evaluate = ({ constant, terms }: Linear): bigint =>
      terms.reduce(
        (sum, { element, coefficient }) => sum + coefficient * (values.get(element) ?? 0n),
        constant,
      );
    const residual = (row: Extract<Row, { kind: 'zero' }>): bigint =>
      modP(
        row.products.reduce(
          (sum, p) => sum + p.coefficient * evaluate(p.left) * evaluate(p.right),
          evaluate(row.linear),
        ),
      );
    const holds = (row: Row): boolean =>
      row.kind === 'zero'
        ? residual(row) === 0n
        : (system.tables[row.table]?.keys.has(row.entries.map((e) => modP(evaluate(e))).join()) ??
          false);
    const openOf = (row: Row): number[] => row.unknowns.filter((e) => open.has(e));

    /** Entries that are known must at least be in their columns. */
    const mayHold = (row: Row): boolean =>
      row.kind === 'zero' ||
      row.entries.every(
        (entry, i) =>
          entry.terms.some((t) => open.has(t.element)) ||
          (system.tables[row.table]?.columns[i]?.has(modP(evaluate(entry))) ?? false),
      );

    /** The one value that a linear row leaves for an element, if it is the row's last. */
    const forced = (): { readonly element: number; readonly value: bigint } | null => {
      for (const row of system.rows) {
        if (row.kind !== 'zero') continue;
        const [element, second] = openOf(row);
        if (element === undefined || second !== undefined) continue;
        values.set(element, 0n);
        const at0 = residual(row);
        values.set(element, 1n);
        const slope = modP(residual(row) - at0);
        values.delete(element);
        if (slope !== 0n) return { element, value: modP(-at0 * inverse(slope)) };
      }
      return null;
    };

    /** Values that the lookups of an element by itself allow; null if it has none. */
    const domainOf = (element: number): bigint[] | null => {
      let domain: bigint[] | null = null;
      for (const row of system.byElement.get(element) ?? []) {
        if (row.kind !== 'lookup') continue;
        row.entries.forEach((entry, i) => {
          const [only, second] = entry.terms;
          if (
            only?.element !== element ||
            second !== undefined ||
            only.coefficient !== 1n ||
            entry.constant !== 0n
          )
            return;
          const column = [...(system.tables[row.table]?.columns[i] ?? [])];
          domain = domain === null ? column : domain.filter((v) => column.includes(v));
        });
      }
      return domain;
    };

    let solutions = 0;
    let tried = 0;
    const assign = (element: number, value: bigint): void => {
      tried += 1;
      if (tried > LIMIT)
        throw new RangeError(`traceSearch: expected fewer than ${LIMIT} assignments`);
      const range = system.ranges.get(element);
      if (range !== undefined && modP(value - range[0]) >= range[1]) return;
      values.set(element, value);
      open.delete(element);
      const fits = (system.byElement.get(element) ?? []).every((row) =>
        openOf(row).length > 0 ? mayHold(row) : holds(row),
      );
      if (fits) search();
      open.add(element);
      values.delete(element);
    };
    const search = (): void => {
      if (solutions >= 2) return;
      if (open.size === 0) {
        solutions += 1;
        return;
      }
      const next = forced();
      if (next !== null) {
        assign(next.element, next.value);
        return;
      }
      // The first row that is open, so that a wrong value is found out near where it was tried.
      let best: { readonly element: number; readonly domain: readonly bigint[] } | null = null;
      for (const row of system.rows) {
        for (const element of openOf(row)) {
          const domain = domainOf(element);
          if (domain !== null && (best === null || domain.length < best.domain.length))
            best = { element, domain };
        }
        if (best !== null) break;
      }
      if (best === null)
        throw new RangeError('traceSearch: expected every element to be ranged or defined');
      for (const value of best.domain) assign(best.element, value);
    };
    search();
    return { solutions, tried };
  };
};
