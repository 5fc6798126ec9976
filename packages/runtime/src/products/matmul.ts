import type { Engine, I16Vec, IntVec } from '@assay/core/engine';
import { dotsF64, dotsI32 } from './inner.ts';

/** What execution needs of the engine. */
export type MatmulEngine = Pick<
  Engine,
  'mark' | 'release' | 'allocInt' | 'allocI16' | 'ints' | 'matmulInts' | 'matmulI16'
>;

/** An operand of `count` matrices of `rows × inner`: its bounds, and its values on demand. */
export interface MatrixSource {
  readonly rows: number;
  readonly int16: boolean;
  /** Writes all values, [batch][rows][inner]; an Int16Array only if `int16`. */
  write(target: Int32Array | Int16Array): void;
}

/** Multiply-adds from which the kernels are worth their call. */
const KERNEL_WORK = 2 ** 13;

function shorts(engine: MatmulEngine, v: I16Vec): Int16Array {
  return new Int16Array(engine.ints({ ptr: v.ptr, length: 0 }).buffer, v.ptr, v.length);
}

/**
 * c[b][m][n] = Σ_k left[b][m][k]·right[b][n][k] into `c`, which holds zeros. Int32: low 32 bits, by the
 * engine's kernels if there is an engine and enough work; doubles: exact below 2^53.
 */
export function multiplyMatrices(
  engine: MatmulEngine | null,
  left: MatrixSource,
  right: MatrixSource,
  c: Int32Array | Float64Array,
  batch: number,
  inner: number,
): void {
  const m = left.rows;
  const n = right.rows;
  if (engine === null || c instanceof Float64Array || m * n * inner < KERNEL_WORK) {
    const a = new Int32Array(batch * m * inner);
    const b = new Int32Array(batch * n * inner);
    left.write(a);
    right.write(b);
    for (let i = 0; i < batch; i++) {
      const x = a.subarray(i * m * inner, (i + 1) * m * inner);
      const y = b.subarray(i * n * inner, (i + 1) * n * inner);
      if (c instanceof Float64Array)
        dotsF64(x, y, c.subarray(i * m * n, (i + 1) * m * n), m, n, inner);
      else dotsI32(x, y, c.subarray(i * m * n, (i + 1) * m * n), m, n, inner);
    }
    return;
  }
  const mark = engine.mark();
  const part = <V extends IntVec | I16Vec>(
    v: V,
    i: number,
    size: number,
    bytes: number,
  ): IntVec & I16Vec => ({
    ptr: v.ptr + bytes * i * size,
    length: size,
  });
  try {
    const out = engine.allocInt(m * n);
    if (left.int16 && right.int16) {
      const a = engine.allocI16(batch * m * inner);
      const b = engine.allocI16(batch * n * inner);
      left.write(shorts(engine, a));
      right.write(shorts(engine, b));
      for (let i = 0; i < batch; i++) {
        engine.matmulI16(part(a, i, m * inner, 2), part(b, i, n * inner, 2), out, m, n, inner);
        c.set(engine.ints(out), i * m * n);
      }
    } else {
      const a = engine.allocInt(batch * m * inner);
      const b = engine.allocInt(batch * n * inner);
      left.write(engine.ints(a));
      right.write(engine.ints(b));
      for (let i = 0; i < batch; i++) {
        engine.matmulInts(part(a, i, m * inner, 4), part(b, i, n * inner, 4), out, m, n, inner);
        c.set(engine.ints(out), i * m * n);
      }
    }
  } finally {
    engine.release(mark);
  }
}
