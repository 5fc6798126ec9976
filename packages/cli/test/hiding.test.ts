import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeModel } from '@assay/compiler/onnx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assay, bundleCli, type Ended } from './assay.ts';

/** What is hidden and committed, through the command alone: a small network on a patient's features. */
const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));
const diagnosis = join(examples, 'breast-cancer-mlp');
let home: string;
let script: string;
const at = (...path: string[]): string => join(home, ...path);
const run = (...args: string[]): Ended => assay(script, args);
const good = (...args: string[]): Ended['json'] => {
  const ended = run(...args, '--json', '--quiet');
  if (ended.code !== 0)
    throw new Error(`assay ${args.join(' ')}: ${ended.code}\n${ended.out}\n${ended.err}`);
  return ended.json;
};
const error = (...args: string[]): { code: string; message: string; details: string | null } => {
  const ended = run(...args, '--json', '--quiet');
  expect(ended.code, ended.out).toBeGreaterThan(1);
  return ended.json['error'] as never;
};
/** The bundle compiled once, set up anew. */
function setUp(name: string, ...args: string[]): Ended['json'] {
  cpSync(at('compiled'), at(name), { recursive: true });
  return good('setup', at(name), ...args);
}
const keyOf = (name: string): string => at(name, 'verifying-key.cbor');
const verdict = (receipt: string, name: string, ...args: string[]): Ended =>
  run('verify', at(receipt), '--key', keyOf(name), '--json', ...args);
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted((a, b) => (a < b ? -1 : 1));

let integers: number[];
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'assay-hiding-'));
  mkdirSync(at('bin'));
});
beforeAll(async () => {
  script = await bundleCli(at('bin', 'cli'));
  const samples = join(diagnosis, 'samples.json');
  const rows = JSON.parse(readFileSync(samples, 'utf8'));
  writeFileSync(at('patient.json'), JSON.stringify(rows[0]));
  writeFileSync(at('other.json'), JSON.stringify(rows[1]));
  const model = join(diagnosis, 'model.onnx');
  good(
    'compile',
    model,
    '--samples',
    samples,
    '--private',
    '-o',
    at('compiled'),
    '--name',
    'diagnosis',
  );
  const { integers: run_ } = good('infer', at('compiled'), '--input', at('patient.json'));
  integers = (run_ as { logits: number[] }).logits;
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

/** Whether a receipt holds a list of integers, in its payload. */
function shows(receipt: string, values: readonly number[]): boolean {
  const { payload } = JSON.parse(readFileSync(at(receipt), 'utf8')) as { payload: string };
  return Buffer.from(payload, 'base64').toString('latin1').includes(values.join(','));
}

describe('a private model that answers on an input that nobody sees', () => {
  let done: Ended['json'];
  const prove = (receipt: string, ...args: string[]): Ended['json'] =>
    good('prove', at('private'), '--input', at('patient.json'), '-o', at(receipt), ...args);
  const left = (): number => (good('inspect', at('private'))['uses'] as { left: number }).left;

  beforeAll(() => {
    done = setUp('private', '--private', '--hide', 'input', '--proofs', '8');
  });

  test('setup registers it, and says what is hidden and how often it can be opened', () => {
    expect(done).toMatchObject({
      shown: {
        weights: 'hidden',
        inputs: { features: 'hidden' },
        outputs: { logits: 'public' },
      },
      uses: { reserved: 8, left: 8 },
    });
    expect(Number(done['registrationBytes'])).toBeGreaterThan(10_000);
    for (const name of ['rows', 'tree', 'salts', 'tails']) {
      expect(statSync(at('private', 'commitment', `${name}.bin`)).mode & 0o777).toBe(0o600);
    }
    cpSync(at('compiled'), at('words'), { recursive: true });
    const { out, err } = run('setup', at('words'), '--private', '--commit', 'output');
    expect(out).toMatch(/^weights +hidden: a registration proof/m);
    expect(out).toMatch(/^input +"features" shown/m);
    expect(out).toMatch(/^output +"logits" committed/m);
    expect(out).toMatch(/^reserved +32 proofs of these weights/m);
    expect(out).toMatch(/^reserved +32 proofs for each committed/m);
    expect(err).toContain('registration …');
  });

  test('a model that was not compiled for it is refused: its program tells of the weights', () => {
    const args = [join(diagnosis, 'model.onnx'), '--samples', join(diagnosis, 'samples.json')];
    good('compile', ...args, '-o', at('exact'));
    const refused = error('setup', at('exact'), '--private');
    expect(refused).toMatchObject({
      code: 'ASSAY_SETUP_PRIVATE',
      message: expect.stringContaining('accumulator is declared as'),
      details: 'Compile it with --private.',
    });
    expect(existsSync(keyOf('exact'))).toBe(false);
  });

  test('what its program shows of it even so is listed', () => {
    const words = /stays +public: operators, shapes, scales, domains of tables/;
    cpSync(at('compiled'), at('listed'), { recursive: true });
    expect(run('setup', at('listed'), '--private').out).toMatch(words);
    expect(done['public']).toEqual([]);
    const report = readFileSync(at('compiled', 'report.json'), 'utf8');
    expect(JSON.parse(report)).toMatchObject({ public: [] });
  });

  test('its key is verified by itself, and refused when the registration is another’s', () => {
    const { accepted, weights, modelName, tensors } = good('verify-model', keyOf('private'));
    expect({ accepted, weights, modelName }).toEqual({
      accepted: true,
      weights: 'hidden',
      modelName: done['modelName'],
    });
    expect((tensors as unknown[]).length).toBeGreaterThan(0);
    const text = run('verify-model', keyOf('private'), '--model-name', String(done['modelName']));
    expect(text).toMatchObject({ code: 0, out: expect.stringMatching(/^VERIFIED at 128 bits/) });
    expect(
      run('verify-model', keyOf('private'), '--model-name', '00'.repeat(32), '--json'),
    ).toMatchObject({ code: 1, json: { reason: { kind: 'verdict/model-name' } } });
    const bytes = readFileSync(keyOf('private'));
    bytes[bytes.length - 5000] = (bytes[bytes.length - 5000] ?? 0) ^ 1;
    writeFileSync(at('changed.cbor'), bytes);
    const changed = run('verify-model', at('changed.cbor'), '--json');
    expect(changed).toMatchObject({
      code: 1,
      json: { accepted: false, reason: { error: { kind: 'proof/registration' } } },
    });
    expect(error('verify-model', keyOf('private'), '--bundle', at('private')).code).toBe(
      'ASSAY_USAGE',
    );
  });

  test('a receipt shows the output alone; values of the hidden input are refused', () => {
    const before = left();
    const proven = prove('1.receipt', '--nonce', 'beef');
    expect(proven).toMatchObject({
      weights: 'hidden',
      concealed: [{ side: 'input', port: 'features', shown: 'hidden', commitmentName: null }],
      integers: { logits: integers },
      uses: { left: before - 1 },
    });
    expect(shows('1.receipt', integers)).toBe(true);
    expect(verdict('1.receipt', 'private', '--nonce', 'beef')).toMatchObject({
      code: 0,
      json: {
        weights: 'hidden',
        ports: [
          { side: 'input', port: 'features', shown: 'hidden' },
          { side: 'output', port: 'logits', shown: 'public' },
        ],
        integers: { logits: integers },
      },
    });
    const refused = verdict('1.receipt', 'private', '--input', at('patient.json'));
    expect(refused).toMatchObject({
      code: 1,
      json: { reason: { kind: 'verdict/not-shown', port: 'features', shown: 'hidden' } },
    });
    expect(run('verify', at('1.receipt'), '--key', keyOf('private')).out).toMatch(
      /^VERIFIED at 128 bits: this private model gave this output on an input that is not shown$/m,
    );
    expect(verdict('1.receipt', 'private', '--input-name', '00'.repeat(32))).toMatchObject({
      code: 1,
      json: { reason: { kind: 'verdict/commitment-name', actual: null } },
    });
  });

  test('each proof can show and hide something else', () => {
    const shown = prove('2.receipt', '--show', 'features', '--hide', 'output');
    expect(shown).toMatchObject({
      concealed: [{ side: 'output', port: 'logits', shown: 'hidden' }],
      // The prover alone has them.
      forYouAlone: { integers: { logits: integers } },
    });
    expect(shows('2.receipt', integers)).toBe(false);
    const { json, code } = verdict('2.receipt', 'private', '--input', at('patient.json'));
    expect({ code, json }).toMatchObject({ code: 0, json: { outputs: {}, integers: {} } });
    expect(verdict('2.receipt', 'private', '--input', at('other.json'))).toMatchObject({
      code: 1,
      json: { reason: { kind: 'verdict/input' } },
    });
  });

  test('in words, hidden outputs go to the screen, marked; through a pipe only the receipt goes', () => {
    const args = ['prove', at('private'), '--input', at('patient.json'), '--hide', 'output'];
    const made = run(...args, '-o', '-', '--quiet');
    expect(made.code, made.err).toBe(0);
    expect(made.err).toMatch(/output +"logits" hidden\n +for you alone, not in the receipt: \[\[/);
    expect(made.err).toMatch(/weights +hidden; \d of 8 proofs left of this root/);
    expect(made.out.startsWith('{"payload')).toBe(true);
    const key = ['--key', keyOf('private'), '--json'];
    expect(assay(script, ['verify', '-', ...key], made.out)).toMatchObject({
      code: 0,
      json: { accepted: true },
    });
  });

  test('a run that cannot be proven spends its use, and leaves no commitment behind', () => {
    const folder = at('damaged');
    cpSync(at('private'), folder, { recursive: true });
    const rows = readFileSync(join(folder, 'commitment/rows.bin'));
    writeFileSync(join(folder, 'commitment/rows.bin'), rows.fill(1, 64));
    const uses = (): unknown => good('inspect', folder)['uses'];
    const before = uses();
    const args = ['prove', folder, '--input', at('patient.json'), '-o', at('none.receipt')];
    expect(error(...args, '--commit-output', at('none')).code).toBe('ASSAY_BUNDLE_CORRUPT');
    expect(existsSync(at('none'))).toBe(false);
    expect(existsSync(at('none.receipt'))).toBe(false);
    expect((uses() as { left: number }).left).toBe((before as { left: number }).left - 1);
  });

  test('inspect and security say what hides', () => {
    const text = run('inspect', at('private')).out;
    expect(text).toMatch(/^uses +\d of 8 proofs left of this root$/m);
    expect(text).toMatch(/^registered +.* of proof, not verified here/m);
    expect(text).toContain('Where proving time will go');
    expect(good('security', keyOf('private'))).toMatchObject({ zk: true });
    const words = run('security', keyOf('private')).out;
    expect(words).toMatch(/^hiding +zero-knowledge/m);
    expect(words).toMatch(/S6 triples/);
    expect(run('inspect', at('1.receipt')).out).toMatch(/^input +"features": hidden$/m);
  });
});

describe('a committed input', () => {
  let made: Ended['json'];
  const name = (): string => String(made['commitmentName']);
  beforeAll(() => {
    setUp('committed', '--commit', 'features');
    made = good('commit', keyOf('committed'), '--input', at('patient.json'), '-o', at('patient'));
  });
  const prove = (receipt: string, ...args: string[]): Ended['json'] =>
    good('prove', at('committed'), '-o', at(receipt), ...args);

  test('is a secret folder with a public name', () => {
    expect(made).toMatchObject({
      commitmentName: expect.stringMatching(/^[0-9a-f]{64}$/),
      commitment: at('patient', 'commitment.cbor'),
      port: 'features',
      uses: { reserved: 32, left: 32 },
    });
    expect(statSync(at('patient')).mode & 0o777).toBe(0o700);
    expect(statSync(at('patient', 'opening.bin')).mode & 0o777).toBe(0o600);
    const folder = good('inspect', at('patient'))['opening'];
    const file = good('inspect', at('patient', 'commitment.cbor'))['commitment'];
    expect(folder).toMatchObject({ commitmentName: name(), uses: { left: 32 } });
    expect(file).toMatchObject({ commitmentName: name(), shape: [30] });
    expect(JSON.stringify(folder)).not.toContain('values');
    expect(run('inspect', at('patient')).out).toMatch(/port +input "features" of diagnosis/);
    expect(
      error('commit', keyOf('committed'), '--input', at('other.json'), '-o', at('patient')).code,
    ).toBe('ASSAY_OPENING_EXISTS');
  });

  test('stands in receipts by its name, and needs no --input', () => {
    const folder = at('patient');
    const proven = prove('3.receipt', '--input-commitment', folder);
    expect(proven['concealed']).toEqual([
      {
        side: 'input',
        port: 'features',
        shown: 'committed',
        commitmentName: name(),
        folder,
        uses: { reserved: 32, left: 31 },
      },
    ]);
    expect(proven['integers']).toEqual({ logits: integers });
    for (const args of [[name()], [`features=${name().toUpperCase()}`]]) {
      expect(verdict('3.receipt', 'committed', '--input-name', ...args)).toMatchObject({
        code: 0,
        json: {
          checked: { input: 'checked' },
          ports: [{ shown: 'committed', commitmentName: name(), state: 'checked' }, {}],
        },
      });
    }
    expect(verdict('3.receipt', 'committed', '--input-name', '00'.repeat(32))).toMatchObject({
      code: 1,
      json: { reason: { kind: 'verdict/commitment-name', actual: name() } },
    });
    expect(verdict('3.receipt', 'committed', '--output-name', name())).toMatchObject({
      code: 1,
      json: { reason: { kind: 'verdict/commitment-name', actual: null } },
    });
    expect(verdict('3.receipt', 'committed', '--input', at('patient.json'))).toMatchObject({
      code: 1,
      json: { reason: { kind: 'verdict/not-shown', shown: 'committed' } },
    });
    expect(run('verify', at('3.receipt'), '--key', keyOf('committed')).out).toMatch(
      /^VERIFIED at 128 bits: the model gave this output on the input of this name$/m,
    );
    expect(run('inspect', at('3.receipt')).out).toContain(`committed as ${name()}`);
  });

  test('may be given again as a file, if it is the same', () => {
    const args = ['--input-commitment', `features=${at('patient')}`];
    prove('4.receipt', ...args, '--input', at('patient.json'));
    const refused = error(
      'prove',
      at('committed'),
      '-o',
      at('x.receipt'),
      ...args,
      '--input',
      at('other.json'),
    );
    expect(refused).toMatchObject({ code: 'ASSAY_INPUT', message: /is not what/ });
    expect(existsSync(at('x.receipt'))).toBe(false);
  });

  test('is named anew each time, and cannot be told from its name', () => {
    const again = good(
      'commit',
      at('committed'),
      '--input',
      at('patient.json'),
      '-o',
      at('again'),
      '--uses',
      '3',
    );
    expect(again['commitmentName']).not.toBe(name());
    expect(again['uses']).toEqual({ reserved: 3, left: 3 });
    const proven = prove('5.receipt', '--input-commitment', at('again'));
    expect(proven).toMatchObject({ concealed: [{ uses: { reserved: 3, left: 2 } }] });
    expect(verdict('5.receipt', 'committed').code).toBe(0);
  });

  test('opens proofs that also hide the output, or commit to it', () => {
    const input = ['--input-commitment', at('patient')];
    prove('6.receipt', ...input, '--hide', 'output');
    expect(verdict('6.receipt', 'committed')).toMatchObject({
      code: 0,
      json: { ports: [{ shown: 'committed' }, { shown: 'hidden' }], outputs: {} },
    });
    const folder = at('answer');
    const proven = prove('7.receipt', ...input, '--commit-output', folder, '--uses', '2');
    expect(proven['concealed']).toMatchObject([
      { port: 'features' },
      { port: 'logits', shown: 'committed', folder, uses: { reserved: 2, left: 2 } },
    ]);
    const [, { commitmentName: output }] = proven['concealed'] as [
      unknown,
      { commitmentName: string },
    ];
    expect(verdict('7.receipt', 'committed', '--output-name', output)).toMatchObject({
      code: 0,
      json: { checked: { output: 'checked' } },
    });
    expect(filesIn(folder)).toEqual(
      expect.arrayContaining(['commitment.cbor', 'opening.bin', 'port.json']),
    );
  });

  test('that was changed, or belongs to another model, is refused before anything is spent', () => {
    const opening = readFileSync(at('patient', 'opening.bin'));
    cpSync(at('patient'), at('bad'), { recursive: true });
    const refused = (folder: string): string =>
      error('prove', at('committed'), '-o', at('x'), '--input-commitment', at(folder)).code;
    const bytes = Buffer.from(opening);
    bytes[400] = (bytes[400] ?? 0) ^ 1;
    writeFileSync(at('bad', 'opening.bin'), bytes);
    expect(refused('bad')).toBe('ASSAY_OPENING_CORRUPT');
    writeFileSync(at('bad', 'opening.bin'), 'nothing');
    expect(refused('bad')).toBe('ASSAY_OPENING_FORMAT');
    expect(refused('nowhere')).toBe('ASSAY_OPENING_MISSING');
    cpSync(at('patient'), at('scaled'), { recursive: true });
    const port = JSON.parse(readFileSync(at('scaled', 'port.json'), 'utf8'));
    writeFileSync(at('scaled', 'port.json'), JSON.stringify({ ...port, scale: port.scale * 2 }));
    expect(refused('scaled')).toBe('ASSAY_OPENING_MISMATCH');
    writeFileSync(at('scaled', 'port.json'), '[]');
    expect(refused('scaled')).toBe('ASSAY_OPENING_FORMAT');
    setUp('longer', '--commit', 'features', '--log-rows', '13');
    const other = error('prove', at('longer'), '-o', at('x'), '--input-commitment', at('patient'));
    expect(other).toMatchObject({
      code: 'ASSAY_OPENING_MISMATCH',
      message: expect.stringContaining('2^12'),
      details: expect.stringContaining('--like'),
    });
    const { left } = (good('inspect', at('patient'))['opening'] as { uses: { left: number } }).uses;
    expect(left).toBe(28);
  });
});

describe('a model with two inputs', () => {
  const both = { a: [[1, -2, 0.5]], b: [[0.25, 1]] };
  const file = (name: string, contents: unknown): string => {
    writeFileSync(at(name), JSON.stringify(contents));
    return at(name);
  };
  beforeAll(() => {
    const model = encodeModel({
      inputs: [
        { name: 'a', shape: [1, 3] },
        { name: 'b', shape: [1, 2] },
      ],
      outputs: ['y'],
      initializers: { w: { dims: [3, 2], data: [1, 2, -1, 0.5, 0.25, 1] } },
      nodes: [
        { operator: 'MatMul', inputs: ['a', 'w'], outputs: ['m'] },
        { operator: 'Add', inputs: ['m', 'b'], outputs: ['y'] },
      ],
    });
    writeFileSync(at('two.onnx'), model);
    const samples = file('two.json', [
      { inputs: both },
      { inputs: { a: [[-2, 2, 1]], b: [[1, -1]] } },
    ]);
    good('compile', at('two.onnx'), '--samples', samples, '-o', at('two'));
    good('setup', at('two'), '--commit', 'a', '--hide', 'b', '--proofs', '6');
    const one = ['--input', file('a.json', { inputs: { a: both.a } })];
    good('commit', at('two'), ...one, '--port', 'a', '-o', at('opens-a'));
  });

  test('takes each from where it is', () => {
    const opens = ['--input-commitment', `a=${at('opens-a')}`];
    const prove = (...args: string[]): Ended['json'] => {
      good('prove', at('two'), ...opens, '-o', at('two.receipt'), ...args);
      return verdict('two.receipt', 'two').json;
    };
    const files: [string, unknown][] = [
      ['by-name.json', { inputs: { b: both.b } }],
      ['both.json', { inputs: both }],
      ['ezkl.json', { input_data: both.b }],
    ];
    for (const [name, contents] of files) {
      expect(prove('--input', file(name, contents)), name).toMatchObject({
        accepted: true,
        ports: [
          { port: 'a', shown: 'committed' },
          { port: 'b', shown: 'hidden' },
          { port: 'y', shown: 'public' },
        ],
      });
    }
    const missing = error('prove', at('two'), ...opens, '-o', at('x'));
    expect(missing.message).toBe('--input FILE is missing: it gives b');
    const none = file('none.json', { inputs: {} });
    expect(error('prove', at('two'), ...opens, '-o', at('x'), '--input', none)).toMatchObject({
      message: 'sample 0: input "b" is missing',
    });
    expect(error('prove', at('two'), '-o', at('x'), '--input-commitment', at('opens-a'))).toEqual({
      code: 'ASSAY_USAGE',
      message: expect.stringContaining('the model has 2 inputs, and one has to be named'),
      details: 'It has: a, b.',
    });
  });

  test('is verified with values of what is shown', () => {
    const [all, b] = [at('both.json'), file('only-b.json', { inputs: { b: both.b } })];
    const args = ['--show', 'input:b', '--input-commitment', `a=${at('opens-a')}`];
    good('prove', at('two'), ...args, '--input', b, '-o', at('shows-b.receipt'));
    expect(verdict('shows-b.receipt', 'two', '--input', b)).toMatchObject({
      code: 0,
      json: { ports: [{ port: 'a' }, { port: 'b', state: 'checked' }, {}] },
    });
    expect(verdict('shows-b.receipt', 'two', '--input', all)).toMatchObject({
      code: 1,
      json: { reason: { kind: 'verdict/not-shown', port: 'a', shown: 'committed' } },
    });
    expect(verdict('shows-b.receipt', 'two', '--input', at('a.json')).code).toBe(3);
    expect(run('verify', at('shows-b.receipt'), '--key', keyOf('two')).out).toContain(
      'on inputs of which some are not shown',
    );
  });
});

describe('uses', () => {
  beforeAll(() => {
    setUp('short', '--private', '--commit', 'input', '--proofs', '2');
    good('commit', at('short'), '--input', at('patient.json'), '-o', at('once'), '--uses', '1');
    good('commit', at('short'), '--input', at('patient.json'), '-o', at('often'));
  });
  const args = (opening: string, receipt: string): string[] => [
    'prove',
    at('short'),
    '-o',
    at(receipt),
    '--input-commitment',
    at(opening),
    '--json',
    '--quiet',
  ];
  const left = (folder: string): unknown => {
    const seen = good('inspect', at(folder));
    return ((seen['opening'] ?? seen) as { uses: { left: number } }).uses.left;
  };

  test('one that is used up is refused, and costs the other nothing', () => {
    expect([left('short'), left('once'), left('often')]).toEqual([2, 1, 2]);
    expect(run(...args('once', '8.receipt')).code).toBe(0);
    expect([left('short'), left('once')]).toEqual([1, 0]);
    const refused = run(...args('once', 'none.receipt'));
    expect(refused).toMatchObject({
      code: 3,
      json: {
        error: {
          code: 'ASSAY_USES_EXHAUSTED',
          message: expect.stringContaining('1 proofs were reserved for this root'),
          details: expect.stringContaining('assay recommit'),
        },
      },
    });
    expect(existsSync(at('none.receipt'))).toBe(false);
    expect(left('short')).toBe(1);
  });

  test('of two processes that want the last one, one gets it', async () => {
    expect(left('short')).toBe(1);
    const started = ['a', 'b'].map(
      (name) =>
        new Promise<{ code: number | null; out: string }>((resolve) => {
          const child = spawn(process.execPath, [script, ...args('often', `${name}.receipt`)]);
          let out = '';
          child.stdout.on('data', (chunk: Buffer) => {
            out += chunk.toString('utf8');
          });
          child.on('exit', (code) => resolve({ code, out }));
        }),
    );
    const ended = await Promise.all(started);
    expect(new Set(ended.map(({ code }) => code))).toEqual(new Set([0, 3]));
    const lost = ended.find(({ code }) => code === 3);
    expect(JSON.parse(lost?.out ?? '')).toMatchObject({ error: { code: 'ASSAY_USES_EXHAUSTED' } });
    const won = ended[0]?.code === 0 ? 'a' : 'b';
    expect([existsSync(at('a.receipt')), existsSync(at('b.receipt'))]).toEqual([
      won === 'a',
      won === 'b',
    ]);
    expect(verdict(`${won}.receipt`, 'short').code).toBe(0);
    expect(left('short')).toBe(0);
  });

  test('more than the columns have room for are refused', () => {
    const refused = error(
      'commit',
      at('short'),
      '--input',
      at('patient.json'),
      '-o',
      at('none'),
      '--uses',
      '100000',
    );
    expect(refused.code).toBe('ASSAY_USES_TOO_MANY');
    expect(refused.details).toMatch(/^\d+ at most/);
    expect(existsSync(at('none'))).toBe(false);
  });
});

describe('a public model with values that are shown', () => {
  beforeAll(() => {
    setUp('plain');
  });

  test('has no room to hide, and says what to do', () => {
    const { code, details } = error(
      'prove',
      at('plain'),
      '--input',
      at('patient.json'),
      '-o',
      at('x'),
      '--hide',
      'input',
    );
    expect(code).toBe('ASSAY_PROVE_VISIBILITY');
    expect(details).toMatch(/Set the model up again/);
    const commit = ['commit', at('plain'), '--input', at('patient.json'), '-o', at('none')];
    expect(error(...commit)).toMatchObject({
      code: 'ASSAY_USES_TOO_MANY',
      details: expect.stringMatching(/^0 at most.*set it up again/),
    });
  });

  test('hides in columns that are long enough', () => {
    setUp('roomy', '--log-rows', '10');
    const args = ['--input', at('patient.json'), '-o', at('9.receipt'), '--hide', 'input'];
    good('prove', at('roomy'), ...args);
    expect(verdict('9.receipt', 'roomy')).toMatchObject({
      code: 0,
      json: { weights: 'public', ports: [{ shown: 'hidden' }, {}] },
    });
  });

  test('has a key that can be made again from its weights', () => {
    const verify = (...args: string[]): Ended =>
      run('verify-model', keyOf('plain'), '--json', ...args);
    expect(verify('--bundle', at('plain'))).toMatchObject({
      code: 0,
      json: { accepted: true, weights: 'public' },
    });
    expect(verify().json).toMatchObject({ error: { code: 'ASSAY_USAGE' } });
    // Another model of the same shapes.
    const weights = readFileSync(at('plain', 'weights.bin'));
    expect(weights.length).toBeGreaterThan(0);
    setUp('private-too', '--private');
    expect(run('verify-model', keyOf('private-too'), '--json').code).toBe(0);
  });
});

describe('wrong usage is refused by name, and nothing is done', () => {
  beforeAll(() => {
    if (!existsSync(at('committed'))) setUp('committed', '--commit', 'features');
  });
  const folder = (args: readonly string[]): string[] =>
    args.map((arg) => arg.replace('PLAIN', at('compiled')).replace('DIR', at('committed')));
  const wrong: [string, string[], RegExp][] = [
    [
      'no such port',
      ['setup', 'PLAIN', '--hide', 'features', 'record'],
      /no input or output "record"/,
    ],
    ['a port on the wrong side', ['setup', 'PLAIN', '--hide', 'input:logits'], /"input:logits"/],
    [
      'hidden and committed',
      ['setup', 'PLAIN', '--hide', 'input', '--commit', 'features'],
      /input:features is to be hidden and committed/,
    ],
    ['proofs of nothing', ['setup', 'PLAIN', '--proofs', '3'], /--proofs: nothing here is used up/],
    [
      'two column lengths',
      ['setup', 'PLAIN', '--like', 'DIR', '--log-rows', '12'],
      /--like says what --log-rows/,
    ],
    ['no proofs', ['setup', 'PLAIN', '--private', '--proofs', '0'], /integer from 1/],
    ['a rate that is none', ['setup', 'PLAIN', '--rate', '0'], /integer from 1 to 10/],
    ['a committed input without folder', ['prove', 'DIR', '-o', 'x'], /give --input-commitment/],
    [
      'no input',
      ['prove', 'DIR', '-o', 'x', '--show', 'features'],
      /--input FILE is missing: it gives features/,
    ],
    [
      'shown and hidden',
      ['prove', 'DIR', '-o', 'x', '--show', 'input', '--hide', 'features'],
      /--hide and --show say different things/,
    ],
    [
      'uses of nothing',
      ['prove', 'DIR', '-o', 'x', '--uses', '3', '--show', 'input'],
      /--uses: no output is committed/,
    ],
    [
      'an output twice',
      ['prove', 'DIR', '-o', 'x', '--commit-output', 'a', '--commit-output', 'b'],
      /output "logits" is given twice/,
    ],
    [
      'a name that is none',
      ['verify', 'x', '--key', 'DIR', '--input-name', 'patient'],
      /--input-name: expected hex of 32 bytes/,
    ],
    [
      'a port that the model lacks',
      ['commit', 'DIR', '--input', 'x', '-o', 'y', '--port', 'logits'],
      /--port: the model has no input "logits"/,
    ],
  ];
  test.each(wrong)('%s', (_, args, message) => {
    const before = filesIn(at('compiled'));
    const ended = run(...folder(args), '--json');
    expect(ended, ended.out).toMatchObject({
      code: 2,
      json: { ok: false, error: { code: 'ASSAY_USAGE', message: expect.stringMatching(message) } },
    });
    expect(filesIn(at('compiled'))).toEqual(before);
  });
});
