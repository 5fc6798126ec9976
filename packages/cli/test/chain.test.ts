import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assay, bundleCli, type Ended } from './assay.ts';

/** Two models in a row whose only link is a name: nobody sees what goes from one to the other. */
const chain = fileURLToPath(new URL('../../../examples/chain/', import.meta.url));
let home: string;
let script: string;
const at = (name: string): string => join(home, name);
const run = (...args: string[]): Ended => assay(script, [...args, '--json', '--quiet']);
const good = (...args: string[]): Ended['json'] => {
  const ended = run(...args);
  if (ended.code !== 0) throw new Error(`assay ${args.join(' ')}: ${ended.out}\n${ended.err}`);
  return ended.json;
};
const samples = (name: string): string[] => [
  join(chain, name, 'model.onnx'),
  '--samples',
  join(chain, name, 'samples.json'),
];
const { rows, labels } = JSON.parse(readFileSync(join(chain, 'test.json'), 'utf8')) as {
  rows: number[][];
  labels: number[];
};

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'assay-chain-'));
  script = await bundleCli(at('bin'));
  const encoder = at('encoder');
  good('compile', ...samples('encoder'), '-o', encoder, '--output-bits', '12');
  good('setup', encoder, '--hide', 'image', '--commit', 'embedding', '--proofs', '2');
  good('compile', ...samples('classifier'), '-o', at('classifier'), '--input-from', encoder);
  good('setup', at('classifier'), '--commit', 'input', '--proofs', '2', '--like', encoder);
  for (const i of [0, 1]) {
    writeFileSync(at(`${i}.json`), JSON.stringify({ input_data: [rows[i]] }));
  }
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

/** Encodes an image and classifies what came out; gives the name that links the two receipts. */
function prove(i: number): string {
  const image = ['--input', at(`${i}.json`), '--commit-output', at(`embedding-${i}`)];
  const first = good('prove', at('encoder'), ...image, '-o', at(`encoder-${i}.receipt`));
  const input = ['--input-commitment', at(`embedding-${i}`)];
  const second = good('prove', at('classifier'), ...input, '-o', at(`classifier-${i}.receipt`));
  const nameOf = ({ concealed }: Ended['json'], port: string): string =>
    (concealed as { port: string; commitmentName: string }[]).find((c) => c.port === port)
      ?.commitmentName ?? '';
  const name = nameOf(first, 'embedding');
  expect(name).toMatch(/^[0-9a-f]{64}$/);
  expect(nameOf(second, 'embedding')).toBe(name);
  const { logits } = second['integers'] as { logits: number[] };
  expect(logits.indexOf(Math.max(...logits))).toBe(labels[i]);
  return name;
}

const verify = (receipt: string, model: string, ...own: string[]): Ended =>
  run('verify', at(receipt), '--key', join(at(model), 'verifying-key.cbor'), ...own);

test('are verified link by link, by the name of what goes between them', () => {
  const names = [prove(0), prove(1)];
  expect(names[0]).not.toBe(names[1]);
  for (const [i, name] of names.entries()) {
    expect(verify(`encoder-${i}.receipt`, 'encoder', '--output-name', name)).toMatchObject({
      code: 0,
      json: {
        checked: { output: 'checked' },
        ports: [{ shown: 'hidden' }, { shown: 'committed' }],
      },
    });
    expect(verify(`classifier-${i}.receipt`, 'classifier', '--input-name', name)).toMatchObject({
      code: 0,
      json: { checked: { input: 'checked' } },
    });
    const other = names[1 - i] ?? '';
    expect(verify(`classifier-${i}.receipt`, 'classifier', '--input-name', other)).toMatchObject({
      code: 1,
      json: { reason: { kind: 'verdict/commitment-name', expected: other, actual: name } },
    });
  }
});

test('need columns of one length, and integers of one meaning', () => {
  const opening = ['--input-commitment', at('embedding-0')];
  good('compile', ...samples('classifier'), '-o', at('own'));
  const like = ['--like', join(at('encoder'), 'verifying-key.cbor')];
  // As many as are reserved when nobody says how many do not fit such short columns.
  expect(run('setup', at('own'), '--commit', 'input', ...like).json).toMatchObject({
    error: { code: 'ASSAY_SECURITY_INFEASIBLE', details: expect.stringContaining('--proofs') },
  });
  good('setup', at('own'), '--commit', 'input', '--proofs', '2', ...like);
  expect(run('prove', at('own'), ...opening, '-o', at('none')).json).toMatchObject({
    error: {
      code: 'ASSAY_OPENING_MISMATCH',
      message: expect.stringContaining('output "embedding" of encoder'),
      details: expect.stringContaining('--input-from'),
    },
  });
  good('setup', at('classifier'), '--commit', 'input', '--log-rows', '13');
  expect(run('prove', at('classifier'), ...opening, '-o', at('none')).json).toMatchObject({
    error: { code: 'ASSAY_OPENING_MISMATCH', details: expect.stringContaining('--like') },
  });
});
