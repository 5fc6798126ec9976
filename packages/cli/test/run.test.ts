import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assay, bundleCli, type Ended, killed } from './assay.ts';

/** Model to verdict, through the command alone, on the smallest example. */
const example = fileURLToPath(new URL('../../../examples/diabetes-regression/', import.meta.url));
let home: string;
let script: string;
let bundle: string;
let vkey: string;
const at = (name: string): string => join(home, name);
const run = (...args: string[]): Ended => assay(script, args);
const good = (...args: string[]): Ended['json'] => {
  const ended = run(...args, '--json', '--quiet');
  if (ended.code !== 0)
    throw new Error(`assay ${args.join(' ')}: ${ended.code}\n${ended.out}\n${ended.err}`);
  return ended.json;
};

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'assay-run-'));
  script = await bundleCli(join(home, 'bin'));
  bundle = at('bundle');
  vkey = join(bundle, 'verifying-key.cbor');
  const samples = JSON.parse(readFileSync(join(example, 'samples.json'), 'utf8'));
  writeFileSync(at('input.json'), JSON.stringify(samples[0]));
  writeFileSync(at('other.json'), JSON.stringify(samples[1]));
  good(
    'compile',
    join(example, 'model.onnx'),
    '--samples',
    join(example, 'samples.json'),
    '-o',
    bundle,
    '--name',
    'diabetes',
  );
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

test('before setup a bundle runs, but proves nothing', () => {
  expect(good('infer', bundle, '--input', at('input.json'))).toMatchObject({ ok: true });
  const ended = run('prove', bundle, '--input', at('input.json'), '-o', at('x.receipt'), '--json');
  expect(ended).toMatchObject({ code: 3, json: { error: { code: 'ASSAY_BUNDLE_NOT_SET_UP' } } });
  expect(run('security', bundle).code).toBe(3);
  expect(good('inspect', bundle)).toMatchObject({ key: null, work: [] });
});

test('setup that is killed leaves the bundle as it was', async () => {
  const folder = at('killed');
  cpSync(bundle, folder, { recursive: true });
  const before = readdirSync(folder).toSorted((a, b) => (a < b ? -1 : 1));
  const by = await killed(script, ['setup', folder], 'SIGKILL', (err) => err.includes('commit'));
  expect(by).toBe('SIGKILL');
  expect(existsSync(join(folder, 'verifying-key.cbor'))).toBe(false);
  const after = readdirSync(folder).filter(
    (name) => name !== 'commitment' && !name.startsWith('.'),
  );
  expect(after.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(before);
  if (existsSync(join(folder, 'commitment'))) {
    expect(readdirSync(join(folder, 'commitment')).filter((name) => !name.startsWith('.'))).toEqual(
      [],
    );
  }
  expect(good('infer', folder, '--input', at('input.json'))).toMatchObject({ ok: true });
});

describe('after setup', () => {
  let modelName: string;
  let proven: Ended['json'];
  const receipt = (): string => at('run.receipt');
  const verdict = (...args: string[]): Ended => run('verify', ...args, '--key', vkey, '--json');

  beforeAll(() => {
    const done = good('setup', bundle);
    expect(done).toMatchObject({ ok: true, securityBits: 128, verifyingKey: vkey });
    modelName = String(done['modelName']);
    good('keygen', '-o', join(bundle, 'prover.key'));
    proven = good(
      'prove',
      bundle,
      '--input',
      at('input.json'),
      '-o',
      receipt(),
      '--nonce',
      'beef',
      '--time',
      '2026-11-20T08:00:00Z',
    );
    good('infer', bundle, '--input', at('input.json'), '-o', at('output.json'));
  });

  test('setup again gives the same key, byte for byte', () => {
    const first = readFileSync(vkey);
    const folder = at('again');
    good(
      'compile',
      join(example, 'model.onnx'),
      '--samples',
      join(example, 'samples.json'),
      '-o',
      folder,
      '--name',
      'diabetes',
    );
    good('setup', folder, '--threads', '1');
    expect(readFileSync(join(folder, 'verifying-key.cbor')).equals(first)).toBe(true);
    expect(good('inspect', folder, '--check')).toMatchObject({ ok: true });
  });

  test('a run is proven and verified, and everything given is checked', () => {
    expect(proven).toMatchObject({ ok: true, modelName, securityBits: 128, nonce: 'beef' });
    const plain = verdict(receipt());
    expect(plain).toMatchObject({
      code: 0,
      json: { accepted: true, reason: null, checked: { input: 'from receipt', proof: 'checked' } },
    });
    const full = verdict(
      receipt(),
      '--input',
      at('input.json'),
      '--output',
      at('output.json'),
      '--nonce',
      'beef',
      '--model-name',
      modelName.toUpperCase(),
      '--prover',
      String(proven['proverKey']),
    );
    expect(full.code).toBe(0);
    expect(new Set(Object.values(full.json['checked'] as object))).toEqual(
      new Set(['checked', 'from key']),
    );
    expect(full.json['outputs']).toEqual(
      JSON.parse(readFileSync(at('output.json'), 'utf8')).outputs,
    );
  });

  test('in words: the verdict, what it rests on, and the exit code', () => {
    const yes = run('verify', receipt(), '--key', vkey);
    expect(yes.code).toBe(0);
    expect(yes.out).toMatch(/^VERIFIED at 128 bits/);
    expect(yes.out).toMatch(/input +taken from the receipt, not compared/);
    const no = run('verify', receipt(), '--key', vkey, '--input', at('other.json'));
    expect(no.code).toBe(1);
    expect(no.out).toMatch(/^REJECTED: the receipt is for another input/);
  });

  test('rejections, exit code 1 each', () => {
    const output = JSON.parse(readFileSync(at('output.json'), 'utf8'));
    const [port = ''] = Object.keys(output.integers);
    output.integers[port][0] += 1;
    writeFileSync(at('wrong.json'), JSON.stringify(output));
    const cases: [string, string[]][] = [
      ['verdict/input', ['--input', at('other.json')]],
      ['verdict/output', ['--output', at('wrong.json')]],
      ['verdict/nonce', ['--nonce', 'bee0']],
      ['verdict/model-name', ['--model-name', '00'.repeat(32)]],
      ['verdict/prover-key', ['--prover', '00'.repeat(32)]],
    ];
    for (const [kind, args] of cases) {
      expect(verdict(receipt(), ...args), kind).toMatchObject({
        code: 1,
        json: { accepted: false, reason: { kind } },
      });
    }
    writeFileSync(at('cut.receipt'), readFileSync(receipt()).subarray(0, 1000));
    expect(verdict(at('cut.receipt'))).toMatchObject({
      code: 1,
      json: { reason: { kind: 'verdict/receipt' } },
    });
    writeFileSync(
      at('changed.receipt'),
      readFileSync(receipt(), 'utf8')
        .replace('"sig":"', '"sig":"AA')
        .replace(/..=="\}\]\}$/, '=="}]}'),
    );
    expect(verdict(at('changed.receipt')).code).toBe(1);
  });

  test('through pipes', () => {
    const input = readFileSync(at('input.json'));
    const made = assay(script, ['prove', bundle, '--input', '-', '-o', '-', '--quiet'], input);
    expect(made.code).toBe(0);
    expect(made.err).toContain('proven');
    const seen = assay(script, ['verify', '-', '--key', vkey, '--json'], made.out);
    expect(seen).toMatchObject({ code: 0, json: { accepted: true, nonce: '' } });
  });

  test('a proof beside its receipt, and values by digest', () => {
    const made = good(
      'prove',
      bundle,
      '--input',
      at('input.json'),
      '-o',
      at('lean.receipt'),
      '--proof-file',
      at('lean.proof'),
      '--digest-input',
      '--digest-output',
    );
    expect(Number(made['receiptBytes'])).toBeLessThan(4000);
    const lean = at('lean.receipt');
    expect(verdict(lean)).toMatchObject({
      code: 1,
      json: { reason: { kind: 'verdict/values-needed', side: 'input' } },
    });
    const own = ['--input', at('input.json'), '--output', at('output.json')];
    expect(verdict(lean, ...own)).toMatchObject({
      code: 0,
      json: { checked: { input: 'checked', output: 'checked' } },
    });
    expect(verdict(lean, ...own, '--proof', at('input.json'))).toMatchObject({
      code: 1,
      json: { reason: { kind: 'verdict/proof-digest' } },
    });
    cpSync(lean, at('elsewhere/lean.receipt'), { recursive: true });
    expect(verdict(at('elsewhere/lean.receipt'), ...own)).toMatchObject({
      code: 1,
      json: { reason: { kind: 'verdict/proof-needed', file: 'lean.proof' } },
    });
    expect(verdict(at('elsewhere/lean.receipt'), ...own, '--proof', at('lean.proof')).code).toBe(0);
  });

  test('without a key, one is made for the proof, and said so', () => {
    const folder = at('keyless');
    cpSync(bundle, folder, { recursive: true });
    rmSync(join(folder, 'prover.key'));
    const made = run('prove', folder, '--input', at('input.json'), '-o', at('keyless.receipt'));
    expect(made.code).toBe(0);
    expect(made.err).toContain('warning: no key: signed with one made for this proof');
    expect(made.out).toContain('(made for this proof)');
    expect(verdict(at('keyless.receipt')).code).toBe(0);
    const named = good(
      'prove',
      folder,
      '--input',
      at('input.json'),
      '-o',
      at('named.receipt'),
      '--key-file',
      join(bundle, 'prover.key'),
    );
    expect(named['proverKey']).toBe(proven['proverKey']);
    writeFileSync(at('bad.key'), 'secret');
    expect(
      run(
        'prove',
        folder,
        '--input',
        at('input.json'),
        '-o',
        at('y.receipt'),
        '--key-file',
        at('bad.key'),
        '--json',
      ),
    ).toMatchObject({ code: 3, json: { error: { code: 'ASSAY_KEY_FORMAT' } } });
  });

  test('values outside the calibrated range are clamped and reported, or refused', () => {
    const wild = JSON.parse(readFileSync(at('input.json'), 'utf8'), (_, value: unknown) =>
      typeof value === 'number' ? 1e6 : value,
    );
    writeFileSync(at('wild.json'), JSON.stringify(wild));
    const clamped = run('infer', bundle, '--input', at('wild.json'));
    expect(clamped).toMatchObject({
      code: 0,
      err: expect.stringMatching(/warning: input .* outside the calibrated range .*: clamped/),
    });
    expect(
      run('prove', bundle, '--input', at('wild.json'), '-o', at('z'), '--strict', '--json'),
    ).toMatchObject({ code: 3, json: { error: { code: 'ASSAY_INPUT_RANGE' } } });
    expect(existsSync(at('z'))).toBe(false);
  });

  test('inputs that do not fit', () => {
    const cases: unknown[] = [
      { inputs: {} },
      { inputs: { nothing: [1] } },
      [],
      7,
      { input_data: [[1]] },
    ];
    for (const input of cases) {
      writeFileSync(at('bad.json'), JSON.stringify(input));
      const ended = run('infer', bundle, '--input', at('bad.json'), '--json');
      expect(ended.code, JSON.stringify(input)).toBe(3);
      expect(ended.json).toMatchObject({ error: { code: expect.stringMatching(/^ASSAY_INPUT/) } });
    }
    const two = JSON.parse(readFileSync(at('input.json'), 'utf8'));
    writeFileSync(at('two.json'), JSON.stringify([two, two]));
    expect(run('infer', bundle, '--input', at('two.json'))).toMatchObject({
      code: 3,
      err: expect.stringContaining('2 inputs, and one run takes one'),
    });
  });

  test('a bundle whose files disagree is refused', () => {
    const folder = at('damaged');
    cpSync(bundle, folder, { recursive: true });
    const rows = readFileSync(join(folder, 'commitment/rows.bin'));
    rows.fill(1, rows.length / 2);
    writeFileSync(join(folder, 'commitment/rows.bin'), rows);
    const corrupt = { code: 3, json: { error: { code: 'ASSAY_BUNDLE_CORRUPT' } } };
    expect(
      run('prove', folder, '--input', at('input.json'), '-o', at('w'), '--json', '--quiet'),
    ).toMatchObject(corrupt);
    expect(run('inspect', folder, '--check', '--json')).toMatchObject(corrupt);
    expect(existsSync(at('w'))).toBe(false);
  });

  test('inspect and security', () => {
    const whole = good('inspect', bundle, '--tensors');
    expect(whole).toMatchObject({ program: { name: 'diabetes' }, key: { modelName } });
    expect((whole['nodes'] as unknown[]).length).toBeGreaterThan(0);
    expect((whole['work'] as { stage: string }[]).map(({ stage }) => stage)).toEqual([
      'execute',
      'commit',
      'lookups',
      'einsums',
      'opening',
    ]);
    const text = run('inspect', bundle).out;
    expect(text).toMatch(/operator +shape +bits +weights +witness +lookups/);
    expect(text).toMatch(/layer +operator +shape +bits +scale +cosine to float/);
    expect(text).toContain('Where proving time will go');
    const traced = good('inspect', bundle, '--trace')['trace'] as {
      relations: { bytes: number; kind: string }[];
    };
    expect(traced.relations.map(({ kind }) => kind)).toContain('lookup');
    for (const { bytes } of traced.relations) expect(bytes).toBeLessThanOrEqual(24_576);
    expect(run('inspect', bundle, '--trace').out).toMatch(/relation +over +terms +leaves +bytes/);
    expect(run('inspect', vkey).out).toContain(modelName);
    expect(run('inspect', join(bundle, 'program.cbor')).code).toBe(0);
    expect(run('inspect', receipt()).out).toContain('claims, nothing of it verified');
    const budget = good('security', vkey);
    expect(Number(budget['securityBits'])).toBeGreaterThanOrEqual(128);
    expect(run('security', bundle).out).toMatch(/S8 queries, oracle 0/);
  });

  test('compile never writes over what is not a bundle; with --force it keeps the key', () => {
    const args = [
      'compile',
      join(example, 'model.onnx'),
      '--samples',
      join(example, 'samples.json'),
      '-o',
    ];
    expect(run(...args, bundle, '--json')).toMatchObject({
      code: 3,
      json: { error: { code: 'ASSAY_BUNDLE_EXISTS' } },
    });
    const folder = at('forced');
    cpSync(bundle, folder, { recursive: true });
    good(...args, folder, '--force');
    expect(readdirSync(folder).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'manifest.json',
      'program.cbor',
      'prover.key',
      'report.json',
      'weights.bin',
    ]);
    expect(run(...args, home, '--force').code).toBe(3);
  });
});
