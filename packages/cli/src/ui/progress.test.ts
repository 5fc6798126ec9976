import { describe, expect, it } from 'vitest';
import { createProgress, formatBytes, formatMs } from './progress.ts';

function stream(isTTY: boolean): { isTTY: boolean; text: string; write(text: string): void } {
  return {
    isTTY,
    text: '',
    write(text) {
      this.text += text;
    },
  };
}

describe('progress in a pipe', () => {
  it('writes a line when a stage starts and one when it ends', () => {
    const out = stream(false);
    let now = 0;
    const progress = createProgress(out, () => now);
    progress.update('commit', 0, 10);
    now = 400;
    progress.update('commit', 5, 10);
    now = 1500;
    progress.update('prove', 0, 1);
    now = 1538;
    progress.end('142 KiB');
    progress.end();
    expect(out.text).toBe('commit …\ncommit: 1.50 s\nprove …\nprove: 38 ms  142 KiB\n');
  });
});

describe('progress on a terminal', () => {
  it('redraws one line in place, not more often than it can be seen', () => {
    const out = stream(true);
    let now = 0;
    const progress = createProgress(out, () => now);
    progress.update('commit', 0, 4);
    now = 10;
    progress.update('commit', 1, 4);
    now = 100;
    progress.update('commit', 2, 4);
    progress.end();
    const frames = out.text.split('\r\u001b[2K').slice(1);
    expect(frames).toEqual([
      `commit       ${'░'.repeat(24)}   0 %  0.0 ms`,
      `commit       ${'█'.repeat(12)}${'░'.repeat(12)}  50 %  100 ms`,
      'commit       100 ms\n',
    ]);
  });

  it('never writes a line that wraps', () => {
    const out = { ...stream(true), columns: 20 };
    createProgress(out, () => 0).update('commit', 1, 2);
    expect(out.text.replace('\r\u001b[2K', '')).toHaveLength(19);
  });
});

describe('formats', () => {
  it('keep three figures of a time', () => {
    const times = [0.44, 38, 999, 1240, 12_400, 125_000].map(formatMs);
    expect(times).toEqual(['0.4 ms', '38 ms', '999 ms', '1.24 s', '12.4 s', '2 min 5 s']);
  });

  it('count bytes in binary units', () => {
    const sizes = [812, 144_691, 1_310_720, 2 ** 31].map(formatBytes);
    expect(sizes).toEqual(['812 B', '141.3 KiB', '1.25 MiB', '2.00 GiB']);
  });
});
