import { describe, expect, it } from 'vitest';
import { caseNamed, cases } from './index.ts';

describe.each(cases.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
  const { model, calibration, scored, truth } = entry.load();

  it('has a model and inputs of one size', () => {
    expect(model.length).toBeGreaterThan(1000);
    const sizes = [...calibration, ...scored].map((inputs) =>
      Object.entries(inputs).map(([name, values]) => `${name} ${values.length}`),
    );
    expect(calibration.length).toBeGreaterThanOrEqual(10);
    expect(new Set(sizes.map(String)).size).toBe(1);
    const values = scored.flatMap((inputs) => Object.values(inputs));
    expect(values.every((vector) => vector.every(Number.isFinite))).toBe(true);
  });

  it('has a truth for every sample, or none', () => {
    const { labels, targets } = truth;
    expect(labels?.length ?? scored.length).toBe(scored.length);
    expect(targets?.length ?? scored.length).toBe(scored.length);
  });

  it('is the same every time', () => {
    expect(entry.load().scored.at(-1)).toEqual(scored.at(-1));
  });
});

describe('caseNamed', () => {
  it('names what there is', () => {
    expect(() => caseNamed('gpt-9')).toThrow(
      expect.objectContaining({ code: 'ASSAY_BENCH_UNKNOWN_MODEL' }),
    );
  });
});
