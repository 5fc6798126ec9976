import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VERSION } from '../src/version.ts';
import { assay, bundleCli, type Ended } from './assay.ts';

let home: string;
let script: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'assay-cli-'));
  script = await bundleCli(join(home, 'bin'));
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});
const run = (...args: string[]): Ended => assay(script, args);
const at = (name: string): string => join(home, name);

const VERBS = [
  'keygen',
  'compile',
  'setup',
  'infer',
  'commit',
  'prove',
  'verify',
  'verify-model',
  'recommit',
  'verify-renewal',
  'inspect',
  'security',
  'provide',
  'watch',
  'funds',
  'market',
];
/** Verbs below a noun. */
const NOUNS: Readonly<Record<string, readonly string[]>> = {
  network: ['up', 'deploy'],
  model: ['register'],
  job: ['submit', 'status', 'fetch', 'dispute', 'cancel'],
};
const NESTED = Object.entries(NOUNS).flatMap(([noun, verbs]) =>
  verbs.map((verb) => `${noun} ${verb}`),
);
const page = readFileSync(
  fileURLToPath(new URL('../../../docs/usage.md', import.meta.url)),
  'utf8',
);

describe('wrong usage: exit code 2, and nothing is done', () => {
  const wrong: [string, string[], RegExp][] = [
    ['an unknown verb', ['frobnicate'], /unknown command 'frobnicate'/],
    ['an unknown option', ['inspect', 'x', '--frob'], /unknown option '--frob'/],
    ['too many arguments', ['setup', 'a', 'b'], /too many arguments/],
    ['an argument missing', ['verify', '--key', 'k'], /missing required argument 'receipt'/],
    ['an option missing', ['verify', 'r'], /required option '--key <file>'/],
    ['an option without value', ['keygen', '-o'], /argument missing/],
    [
      'a level of security that is none',
      ['setup', 'd', '--security', '64'],
      /Allowed choices are 128, 100/,
    ],
    ['no threads', ['setup', 'd', '--threads', '0'], /integer from 1 to 256/],
    [
      'a dimension without length',
      ['compile', 'm', '--samples', 's', '-o', 'd', '--dimension', 'n'],
      /NAME=LENGTH/,
    ],
    [
      'no bits',
      ['compile', 'm', '--samples', 's', '-o', 'd', '--activation-bits', '1'],
      /integer from 2 to 24/,
    ],
    [
      'a margin below 1',
      ['compile', 'm', '--samples', 's', '-o', 'd', '--margin', '0.5'],
      /number from 1 to 1000/,
    ],
    [
      'a nonce that is no hex',
      ['prove', 'd', '--input', 'i', '-o', 'r', '--nonce', 'xyz'],
      /--nonce: expected hex of 0 to 64 bytes/,
    ],
    [
      'a nonce of 65 bytes',
      ['verify', 'r', '--key', 'k', '--nonce', '00'.repeat(65)],
      /--nonce: expected hex/,
    ],
    [
      'a short model name',
      ['verify', 'r', '--key', 'k', '--model-name', 'abcd'],
      /--model-name: expected hex of 32 bytes/,
    ],
    [
      'a short prover key',
      ['verify', 'r', '--key', 'k', '--prover', 'abcd'],
      /--prover: expected hex of 32 bytes/,
    ],
    [
      'a time that is none',
      ['prove', 'd', '--input', 'i', '-o', 'r', '--time', 'now'],
      /--time: expected an RFC 3339 time/,
    ],
    ['standard input twice', ['verify', '-', '--key', '-'], /given once only/],
  ];

  test.each(wrong)('%s', (_, args, message) => {
    const text = run(...args);
    expect(text.code).toBe(2);
    expect(text.out).toBe('');
    expect(text.err).toMatch(message);
    const [verb = '', ...rest] = args;
    const json = run(verb, '--json', ...rest);
    expect(json.code).toBe(2);
    expect(json.json).toMatchObject({
      ok: false,
      error: { code: 'ASSAY_USAGE', message: expect.stringMatching(message) },
    });
    expect(json.err).toBe('');
  });

  test('no verb at all shows the help', () => {
    const { code, err } = run();
    expect(code).toBe(2);
    expect(err).toContain('Usage: assay');
  });
});

describe('help', () => {
  test('names every verb and the exit codes', () => {
    const { code, out } = run('--help');
    expect(code).toBe(0);
    for (const verb of VERBS) expect(out).toMatch(new RegExp(`^ +${verb} `, 'm'));
    expect(out).toContain('0 done or verified, 1 rejected, 2 wrong usage, 3 failure');
  });

  test.each([...VERBS, ...NESTED])('of %s has examples', (verb) => {
    const { code, out } = run(...verb.split(' '), '--help');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`Examples:\n  \\$ assay ${verb}[ \n]`));
    expect(out).toContain('--json');
  });

  test.each([...VERBS, ...NESTED, 'demo'])(
    'and docs/usage.md speak of the same options: %s',
    (verb) => {
      expect(page).toMatch(new RegExp(`\\*\\*\`${verb}[ \`]`));
      const { out } = run(...verb.split(' '), '--help');
      const options = [...out.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option);
      expect(options.length).toBeGreaterThan(1);
      expect(options.filter((option) => !page.includes(option ?? ''))).toEqual([]);
    },
  );

  test('names no verb that docs/usage.md or these tests leave out', () => {
    const verbsOf = (...path: string[]): string[] => {
      const { out } = run(...path, '--help');
      const commands = out.slice(out.indexOf('Commands:'));
      const verbs = [...commands.matchAll(/^ {2}([a-z-]+) /gm)].map(([, verb]) => verb ?? '');
      return verbs.filter((verb) => verb !== 'help').toSorted();
    };
    expect(verbsOf()).toEqual([...VERBS, 'demo', ...Object.keys(NOUNS)].toSorted());
    for (const [noun, verbs] of Object.entries(NOUNS)) {
      expect(verbsOf(noun), noun).toEqual(verbs.toSorted());
    }
  });

  test('the version is the package’s', () => {
    const path = fileURLToPath(new URL('../package.json', import.meta.url));
    expect(VERSION).toBe(JSON.parse(readFileSync(path, 'utf8')).version);
    expect(run('--version')).toMatchObject({ code: 0, out: `${VERSION}\n` });
  });
});

describe('failures: exit code 3', () => {
  const failures: [string, string[], string][] = [
    [
      'a verifying key that is not there',
      ['verify', 'r', '--key', '/nowhere/key'],
      'ASSAY_FILE_READ',
    ],
    ['a folder that is not there', ['setup', '/nowhere'], 'ASSAY_BUNDLE_MISSING'],
    [
      'a bundle that is not there',
      ['prove', '/nowhere', '--input', 'i', '-o', 'r'],
      'ASSAY_BUNDLE_MISSING',
    ],
    [
      'a model that is not there',
      ['compile', '/nowhere.onnx', '--samples', 's', '-o', 'd'],
      'ASSAY_FILE_READ',
    ],
    ['a file that is nothing', ['inspect', fileURLToPath(import.meta.url)], 'ASSAY_INSPECT'],
    [
      'a verifying key that is none',
      ['security', fileURLToPath(import.meta.url)],
      'ASSAY_VERIFYING_KEY',
    ],
    ['a place that cannot be written', ['keygen', '-o', '/nowhere/key'], 'ASSAY_FILE_WRITE'],
  ];
  test.each(failures)('%s', (_, args, code) => {
    const text = run(...args);
    expect(text).toMatchObject({ code: 3, out: '' });
    expect(text.err).toContain(`(${code})`);
    const json = run(...args, '--json');
    expect(json.code).toBe(3);
    expect(json.json).toMatchObject({ ok: false, error: { code } });
  });

  test('JSON that is no receipt', () => {
    writeFileSync(at('none.receipt'), '{"a":1}');
    expect(run('inspect', at('none.receipt'), '--json').json).toMatchObject({
      error: {
        code: 'ASSAY_RECEIPT',
        message: expect.stringContaining('payloadType is missing'),
      },
    });
  });
});

describe('keygen', () => {
  test('writes a key for its owner only, and never over a file', () => {
    const { code, json } = run('keygen', '-o', at('prover.key'), '--json');
    expect(code).toBe(0);
    expect(json).toEqual({
      ok: true,
      file: at('prover.key'),
      publicKey: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    if (process.platform !== 'win32') expect(statSync(at('prover.key')).mode & 0o777).toBe(0o600);
    const before = readFileSync(at('prover.key'), 'utf8');
    expect(before).toMatch(/^[0-9a-f]{64}\n$/);
    const again = run('keygen', '-o', at('prover.key'));
    expect(again.code).toBe(3);
    expect(again.err).toContain('ASSAY_KEY_EXISTS');
    expect(readFileSync(at('prover.key'), 'utf8')).toBe(before);
  });

  test('writes to standard output, and then speaks on standard error', () => {
    const { code, out, err } = run('keygen', '-o', '-');
    expect(code).toBe(0);
    expect(out).toMatch(/^[0-9a-f]{64}\n$/);
    expect(err).toMatch(/public key +[0-9a-f]{64}/);
    expect(existsSync('-')).toBe(false);
  });

  test('makes another key each time', () => {
    expect(run('keygen', '-o', '-').out).not.toBe(run('keygen', '-o', '-').out);
  });
});

// The other tests run what is written; this one runs what was built, which `npm test` does first.
const built = fileURLToPath(new URL('../dist/main.js', import.meta.url));
test.runIf(existsSync(built))('the built command starts', () => {
  const bin = fileURLToPath(new URL('../bin/assay.js', import.meta.url));
  expect(assay(bin, ['--version'])).toMatchObject({ code: 0, out: `${VERSION}\n` });
  expect(assay(bin, ['verify'])).toMatchObject({ code: 2 });
});
