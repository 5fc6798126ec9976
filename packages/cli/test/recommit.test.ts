import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assay, bundleCli, type Ended } from './assay.ts';

/** Fresh roots for what is used up, by the command: of a private model, and of a committed input. */
const diagnosis = fileURLToPath(new URL('../../../examples/breast-cancer-mlp/', import.meta.url));
let home: string;
let script: string;
const at = (...path: string[]): string => join(home, ...path);
const run = (...args: string[]): Ended => assay(script, [...args, '--json', '--quiet']);
const good = (...args: string[]): Ended['json'] => {
  const ended = run(...args);
  if (ended.code !== 0) throw new Error(`assay ${args.join(' ')}: ${ended.out}\n${ended.err}`);
  return ended.json;
};
const keyOf = (name: string): string => at(name, 'verifying-key.cbor');
const left = (folder: string): unknown => {
  const seen = good('inspect', at(folder));
  return ((seen['opening'] ?? seen) as { uses: { left: number } }).uses.left;
};
const refused = (code: string): object => ({ code: 3, json: { error: { code } } });

let modelName: unknown;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'assay-recommit-'));
  script = await bundleCli(at('bin'));
  const samples = join(diagnosis, 'samples.json');
  const [first] = JSON.parse(readFileSync(samples, 'utf8'));
  writeFileSync(at('patient.json'), JSON.stringify(first));
  good(
    'compile',
    join(diagnosis, 'model.onnx'),
    '--samples',
    samples,
    '--private',
    '-o',
    at('compiled'),
  );
  cpSync(at('compiled'), at('model'), { recursive: true });
  const args = ['--private', '--commit', 'input', '--proofs', '1', '--security', '100'];
  ({ modelName } = good('setup', at('model'), ...args));
  good('keygen', '-o', at('model', 'prover.key'));
  good('commit', keyOf('model'), '--input', at('patient.json'), '-o', at('patient'));
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

const prove = (model: string, opening: string): Ended =>
  run('prove', at(model), '--input-commitment', at(opening), '-o', at(`${model}.receipt`));
const verified = (...args: string[]): Ended => run('verify-renewal', ...args);

test('both roots are good for one proof; after it, each has its renewal left', () => {
  expect(prove('model', 'patient').code).toBe(0);
  expect(prove('model', 'patient')).toMatchObject(refused('ASSAY_USES_EXHAUSTED'));
  expect([left('model'), left('patient')]).toEqual([0, 0]);
});

describe('a committed input', () => {
  let made: Ended['json'];
  beforeAll(() => {
    made = good('recommit', at('patient'), '-o', at('patient-2'), '--proofs', '2');
  });

  test('has a fresh root under another name, for its owner alone', () => {
    expect(made).toMatchObject({
      of: 'tensor',
      securityBits: 100,
      uses: { reserved: 2, left: 2 },
      proof: at('patient-2', 'renewal.bin'),
    });
    expect(made['renewed']).not.toBe(made['earlier']);
    expect(statSync(at('patient-2', 'opening.bin')).mode & 0o777).toBe(0o600);
    expect(good('inspect', at('patient-2'))).toMatchObject({
      opening: { commitmentName: made['renewed'], port: { side: 'input', name: 'features' } },
    });
  });

  test('that is shown to hold the same values', () => {
    const proof = ['--proof', at('patient-2', 'renewal.bin')];
    const [old, own] = ['patient', 'patient-2'].map((name) => at(name, 'commitment.cbor')) as [
      string,
      string,
    ];
    // Proofs of fewer bits than usual are accepted from those who say so.
    expect(verified(old, own, ...proof).code).toBe(1);
    proof.push('--security', '100');
    expect(verified(old, own, ...proof)).toMatchObject({
      code: 0,
      json: { accepted: true, earlier: made['earlier'], renewed: made['renewed'] },
    });
    expect(verified(own, old, ...proof)).toMatchObject({ code: 1, json: { accepted: false } });
    const bytes = readFileSync(at('patient-2', 'renewal.bin'));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(at('changed.bin'), bytes);
    const changed = ['--proof', at('changed.bin'), '--security', '100'];
    expect(verified(old, own, ...changed).code).toBe(1);
    expect(verified(old, keyOf('model'), ...proof)).toMatchObject({
      code: 2,
      json: { error: { code: 'ASSAY_USAGE' } },
    });
    expect(verified(old, at('patient.json'), ...proof)).toMatchObject(
      refused('ASSAY_VERIFYING_KEY'),
    );
  });

  test('once: what was kept for it is spent', () => {
    expect(run('recommit', at('patient'), '-o', at('patient-3'))).toMatchObject(
      refused('ASSAY_USES_EXHAUSTED'),
    );
    expect(existsSync(at('patient-3'))).toBe(false);
    expect(run('recommit', at('patient-2'), '-o', at('model'))).toMatchObject(
      refused('ASSAY_OPENING_EXISTS'),
    );
    expect(left('patient-2')).toBe(2);
  });
});

describe('a private model', () => {
  let made: Ended['json'];
  beforeAll(() => {
    made = good('recommit', at('model'), '-o', at('model-2'), '--proofs', '2');
  });

  test('has a fresh root in a bundle of its own, registered, with the same key to sign', () => {
    expect(made).toMatchObject({
      of: 'model',
      earlier: modelName,
      securityBits: 100,
      uses: { reserved: 3, left: 2 },
    });
    expect(made['renewed']).not.toBe(modelName);
    expect(good('verify-model', keyOf('model-2'))).toMatchObject({
      accepted: true,
      modelName: made['renewed'],
    });
    for (const name of ['weights.bin', 'prover.key', 'commitment/tails.bin']) {
      expect(statSync(at('model-2', name)).mode & 0o777, name).toBe(0o600);
    }
    expect(readFileSync(at('model-2', 'prover.key'))).toEqual(
      readFileSync(at('model', 'prover.key')),
    );
    expect(good('inspect', at('model-2'), '--check')).toMatchObject({ ok: true });
  });

  test('that is shown to hold the same weights', () => {
    const proof = ['--proof', at('model-2', 'renewal.bin')];
    const words = assay(script, ['verify-renewal', at('model'), at('model-2'), ...proof]);
    expect(words.code).toBe(0);
    expect(words.out).toMatch(/^VERIFIED at 100 bits: both keys are of the same hidden weights$/m);
    const own = keyOf('model-2');
    expect(verified(own, keyOf('model'), ...proof)).toMatchObject({ code: 1 });
    expect(verified(keyOf('model'), own, ...proof, '--security', '128')).toMatchObject({
      code: 1,
      json: { reason: { kind: 'verdict/security' } },
    });
    // A key whose registration does not hold renews nothing.
    const bytes = readFileSync(own);
    bytes[bytes.length - 3000] = (bytes[bytes.length - 3000] ?? 0) ^ 1;
    writeFileSync(at('changed.cbor'), bytes);
    expect(verified(keyOf('model'), at('changed.cbor'), ...proof)).toMatchObject({
      code: 1,
      json: { reason: { error: { kind: 'proof/registration' } } },
    });
    // Another private model of the same program.
    cpSync(at('compiled'), at('other'), { recursive: true });
    good(
      'setup',
      at('other'),
      '--private',
      '--like',
      at('model'),
      '--proofs',
      '2',
      '--security',
      '100',
    );
    expect(verified(keyOf('other'), own, ...proof).code).toBe(1);
  });

  test('proves with fresh roots, and what was proven under the earlier ones stays valid', () => {
    expect(prove('model-2', 'patient-2').code).toBe(0);
    for (const name of ['model', 'model-2']) {
      expect(run('verify', at(`${name}.receipt`), '--key', keyOf(name)).code).toBe(0);
    }
    expect(run('verify', at('model.receipt'), '--key', keyOf('model-2'))).toMatchObject({
      code: 1,
      json: { reason: { kind: 'verdict/model' } },
    });
    expect([left('model-2'), left('patient-2')]).toEqual([1, 1]);
  });

  test('set up anew has a root that nothing links to the one before: that is said', () => {
    cpSync(at('compiled'), at('twice'), { recursive: true });
    const args = ['setup', at('twice'), '--private', '--proofs', '1', '--security', '100'];
    expect(assay(script, args).err).not.toContain('recommit');
    const again = assay(script, args);
    expect(again.code).toBe(0);
    expect(again.err).toMatch(/warning: the hidden weights get another root.*assay recommit/);
  });

  test('is refused where nothing is used up, or where something is in the way', () => {
    cpSync(at('compiled'), at('public'), { recursive: true });
    good('setup', at('public'));
    expect(run('recommit', at('public'), '-o', at('none'))).toMatchObject({
      code: 2,
      json: { error: { code: 'ASSAY_USAGE', message: expect.stringContaining('public') } },
    });
    expect(run('recommit', at('model-2'), '-o', at('public'))).toMatchObject(
      refused('ASSAY_BUNDLE_EXISTS'),
    );
    expect(run('recommit', at('model'), '-o', at('none'))).toMatchObject(
      refused('ASSAY_USES_EXHAUSTED'),
    );
    expect(existsSync(at('none'))).toBe(false);
    expect(left('model-2')).toBe(1);
  });
});
