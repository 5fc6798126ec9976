import { describe, expect, it } from 'vitest';
import { describeAccuracy, renderShares } from './report.ts';
import type { BenchRow } from './row.ts';

const accuracy = {
  top1: 0.9,
  cosine: 0.99997,
  samples: 30,
  apart: null,
  close: null,
  labelled: null,
  determination: null,
};

describe('describeAccuracy', () => {
  it('says how many agree', () => {
    expect(describeAccuracy(accuracy)).toBe('27/30, cosine 0.99997');
  });

  it('adds the truth where it is known', () => {
    const labelled = { float: 0.995, program: 0.99 };
    const determination = { float: 0.49, program: 0.4891 };
    expect(describeAccuracy({ ...accuracy, labelled })).toBe(
      '27/30, cosine 0.99997, 99.0 % right (float 99.5 %)',
    );
    expect(describeAccuracy({ ...accuracy, top1: null, determination })).toBe(
      'cosine 0.99997, R² 0.489 (float 0.490)',
    );
  });
});

describe('renderShares', () => {
  it('has the largest first, then what is small, then what no part accounts for', () => {
    const row = {
      model: 'm',
      profile: 'plain',
      proveMs: 200,
      stages: { commit: 50, open: 130 },
      kernels: [
        { operation: 'encodeInts', calls: 1, ms: 90 },
        { operation: 'row', calls: 9, ms: 0.25 },
        { operation: 'digest', calls: 9, ms: 0.25 },
      ],
      profiledMs: 100,
    };
    expect(renderShares(row as unknown as BenchRow).split('\n')).toEqual([
      'm: stage        time   share',
      '────────────  ──────  ──────',
      'open          130 ms  65.0 %',
      'commit         50 ms  25.0 %',
      'smaller ones  0.0 ms   0.0 %',
      'between them   20 ms  10.0 %',
      '',
      'm: kernel          time   share',
      '───────────────  ──────  ──────',
      'encodeInts        90 ms  90.0 %',
      'smaller ones     0.5 ms   0.5 %',
      'outside kernels  9.5 ms   9.5 %',
    ]);
  });
});
