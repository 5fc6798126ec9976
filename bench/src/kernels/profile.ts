import type { Engine } from '@assay/core/engine';

/** Time spent in one operation of an engine. */
export interface OperationTime {
  readonly operation: string;
  readonly calls: number;
  readonly ms: number;
}

export interface EngineProfile {
  /** The engine, with every operation timed. */
  readonly engine: Engine;
  /** Since the last `reset`, the longest first. */
  times(): OperationTime[];
  reset(): void;
}

/** Operations are timed from outside, so that the time between them is what the prover itself takes. */
export function profileEngine(engine: Engine, nowMs: () => number): EngineProfile {
  const sums = new Map<string, { calls: number; ms: number }>();
  const timed = (operation: string, work: (...args: unknown[]) => unknown) => {
    return (...args: unknown[]): unknown => {
      const start = nowMs();
      try {
        return work(...args);
      } finally {
        const sum = sums.get(operation) ?? { calls: 0, ms: 0 };
        sums.set(operation, { calls: sum.calls + 1, ms: sum.ms + nowMs() - start });
      }
    };
  };
  const wrapped = new Map<PropertyKey, unknown>();
  return {
    engine: new Proxy(engine, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== 'function') return value;
        const known = wrapped.get(property);
        if (known !== undefined) return known;
        const work = timed(String(property), value.bind(target) as () => unknown);
        wrapped.set(property, work);
        return work;
      },
    }),
    times: () =>
      [...sums].map(([operation, sum]) => ({ operation, ...sum })).toSorted((a, b) => b.ms - a.ms),
    reset: () => sums.clear(),
  };
}
