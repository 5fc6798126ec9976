import { expect, test } from 'vitest';
import { createLogger } from './log.ts';

test('no line shows a secret: not by its name, not by its value, not in an error', () => {
  const lines: string[] = [];
  const key = `0x${'ab'.repeat(32)}`;
  const log = createLogger({ secrets: [key, 'open sesame'], write: (line) => lines.push(line) });
  log.info({ privateKey: 'p1', account: { key: 'k1', password: 'w1' } }, 'started');
  log.error({ err: new Error(`bad key ${key.slice(2)}`), note: 'open sesame' }, `with ${key}`);
  const text = lines.join('');
  expect(lines).toHaveLength(2);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', msg: 'started' });
  for (const secret of ['p1', 'k1', 'w1', 'ab'.repeat(32), 'open sesame']) {
    expect(text).not.toContain(secret);
  }
});

test('amounts and block numbers are written in decimal', () => {
  const lines: string[] = [];
  createLogger({ write: (line) => lines.push(line) }).info({ block: 12n }, 'seen');
  expect(lines[0]).toContain('12');
});
