import { Command, Option } from 'commander';
import type { CommitOptions } from './commands/commit.ts';
import type { CompileOptions } from './commands/compile.ts';
import type { DemoOptions } from './commands/demo.ts';
import type { InferOptions } from './commands/infer.ts';
import type { InspectOptions } from './commands/inspect.ts';
import type { KeygenOptions } from './commands/keygen.ts';
import type { ProveOptions } from './commands/prove.ts';
import type { RecommitOptions } from './commands/recommit.ts';
import type { SetupOptions } from './commands/setup.ts';
import type { VerifyModelOptions } from './commands/verify-model.ts';
import type { VerifyRenewalOptions } from './commands/verify-renewal.ts';
import type { VerifyOptions } from './commands/verify.ts';
import {
  bits,
  collect,
  dimension,
  logRows,
  margin,
  outputBits,
  proofs,
  rate,
  securityBits,
  threads,
} from './option-values.ts';
import { addMarketVerbs } from './program-market.ts';
import type { CommonOptions } from './terminal.ts';
import { EXIT_CODES, type Runner, verb } from './verb.ts';
import { VERSION } from './version.ts';

const STRICT = [
  '--strict',
  'refuse inputs outside the calibrated range instead of clamping them',
] as const;
const INPUT_KINDS =
  'JSON, .npy, .pb, .png, .jpg; - is standard input; NAME=FILE for one of several inputs';
const PORTS = 'names, `input`, `output`; input:NAME where both sides have it';
const NORMALIZE = [
  '--normalize <json>',
  'how pixels of pictures become numbers: {"scale", "mean", "std", "layout", "grayscale"}, or a file with it',
] as const;

/** The command line: a verb each, loaded when it is called. */
export function buildProgram(run: Runner): Command {
  const program = new Command('assay')
    .description('Prove that an AI model really produced an output, and verify such proofs.')
    .version(VERSION)
    .showHelpAfterError('(add --help for usage)')
    .addHelpText(
      'after',
      `
The way from a model to a verified answer:
  $ assay compile model.onnx --samples samples.json -o DIR
  $ assay setup DIR
  $ assay prove DIR --input input.json -o run.receipt
  $ assay verify run.receipt --key DIR/verifying-key.cbor

The same without showing the input (or the model: compile --private, setup --private):
  $ assay setup DIR --commit input
  $ assay commit DIR/verifying-key.cbor --input input.json -o RECORD
  $ assay prove DIR --input-commitment RECORD -o run.receipt
  $ assay verify run.receipt --key DIR/verifying-key.cbor --input-name NAME

A market in which strangers run it for money, on this machine:
  $ assay network up
  $ assay model register DIR
  $ assay job submit DIR --input input.json --price 0.10
  $ assay market
${EXIT_CODES}`,
    );

  verb(program, 'keygen', 'make a key that signs receipts (Ed25519)', ['keygen -o prover.key'])
    .requiredOption('-o, --output <file>', 'where to write the key; - is standard output')
    .action((options: CommonOptions & KeygenOptions) =>
      run(options, async () => (await import('./commands/keygen.ts')).keygen(options)),
    );

  verb(program, 'compile', 'compile an ONNX model to an exact integer program', [
    'compile model.onnx --samples samples.json -o DIR',
    'compile model.onnx --samples samples.json --private -o DIR',
    'compile classifier.onnx --samples embeddings.json --input-from ENCODER_DIR -o DIR',
  ])
    .argument('<model>', 'ONNX file; - is standard input')
    .requiredOption('--samples <files...>', `typical inputs, for the ranges (${INPUT_KINDS})`)
    .requiredOption('-o, --output <folder>', 'the bundle to make')
    .option(...NORMALIZE)
    .option('--name <name>', "the model's name in receipts (default: the file's name)")
    .option('--force', 'replace a bundle that is there')
    .option(
      '--dimension <name=length>',
      'length of a symbolic axis; may be repeated',
      dimension,
      {},
    )
    .option('--activation-bits <n>', 'bits of activations', bits)
    .option('--input-bits <n>', 'bits of inputs', bits)
    .option('--output-bits <n>', 'rescale outputs to this many bits', outputBits)
    .option(
      '--input-from <bundle[:output][=input]>',
      'take an output of another compiled model as an input, as the same integers; a verifying key will do; may be repeated',
      collect,
      [],
    )
    .option(
      '--source-samples <files...>',
      'inputs of that model for the same samples: accuracy is then measured through both',
    )
    .option('--margin <factor>', 'widen the observed ranges by this factor', margin)
    .option(
      '--private',
      'for weights that are to be hidden: what the program shows of them is rounded, and listed',
    )
    .action((model: string, options: CompileOptions) =>
      run(options, async () => (await import('./commands/compile.ts')).compile(model, options)),
    );

  verb(program, 'setup', 'commit to a compiled model, once', [
    'setup DIR',
    'setup DIR --security 100',
    'setup DIR --commit input',
    'setup DIR --private --hide input --proofs 1000',
  ])
    .argument('<folder>', 'the bundle')
    .addOption(
      new Option('--security <bits>', 'provable bits of its proofs')
        .choices(['128', '100'])
        .default('128'),
    )
    .option(
      '--private',
      'hide the weights of a model compiled with --private: the key gets a proof that they are in their ranges',
    )
    .option('--hide <ports...>', `what receipts do not show: ${PORTS}`)
    .option('--commit <ports...>', 'what receipts only name: likewise')
    .option(
      '--proofs <n>',
      'proofs to reserve for hidden weights and committed ports (32 if not given)',
      proofs,
    )
    .option('--log-rows <n>', 'columns of 2^n rows (default: what proves fastest)', logRows)
    .option('--rate <n>', 'first code of rate 2^-n (default: likewise)', rate)
    .option(
      '--like <bundle>',
      "take both from another model's bundle or verifying key: for models in a row",
    )
    .option('--threads <n>', 'threads to use (default: all)', threads)
    .action((folder: string, options: Omit<SetupOptions, 'security'> & { security: string }) =>
      run(options, async () =>
        (await import('./commands/setup.ts')).setup(folder, {
          ...options,
          security: Number(options.security),
        }),
      ),
    );

  verb(program, 'infer', 'run a compiled model without proving', [
    'infer DIR --input input.json',
    'infer DIR --input image.png -o output.json',
  ])
    .argument('<folder>', 'the bundle')
    .requiredOption('--input <files...>', `the input (${INPUT_KINDS})`)
    .option('-o, --output <file>', 'where to write the output', '-')
    .option(...NORMALIZE)
    .option(...STRICT)
    .action((folder: string, options: InferOptions) =>
      run(options, async () => (await import('./commands/infer.ts')).infer(folder, options)),
    );

  verb(program, 'commit', 'commit to an input once, for proofs that name it and do not show it', [
    'commit verifying-key.cbor --input patient.json -o PATIENT',
    'commit DIR --input image.png --port image --uses 100 -o IMAGE',
  ])
    .argument('<key>', 'verifying key of the model, or a bundle that has one')
    .requiredOption('--input <files...>', `the input (${INPUT_KINDS})`)
    .requiredOption(
      '-o, --output <folder>',
      'the folder that will open it: secret, never to be copied',
    )
    .option('--port <name>', 'which input, where the model has several')
    .option('--uses <n>', 'proofs to reserve (default: as setup did, else 32)', proofs)
    .option(...NORMALIZE)
    .option(...STRICT)
    .option('--threads <n>', 'threads to use (default: all)', threads)
    .action((path: string, options: CommitOptions) =>
      run(options, async () => (await import('./commands/commit.ts')).commit(path, options)),
    );

  verb(program, 'prove', 'run a model, prove the run, sign a receipt', [
    'prove DIR --input input.json -o run.receipt --nonce 5eed',
    'prove DIR --input - -o - < input.json > run.receipt',
    'prove DIR --input input.json --hide input -o run.receipt',
    'prove DIR --input-commitment PATIENT -o run.receipt',
  ])
    .argument('<folder>', 'the bundle, after setup')
    .option('--input <files...>', `the input (${INPUT_KINDS}); committed ones need none`)
    .requiredOption('-o, --output <file>', 'where to write the receipt; - is standard output')
    .option('--nonce <hex>', "the client's nonce, up to 64 bytes")
    .option(
      '--key-file <file>',
      'key that signs (default: prover.key in the bundle, else a new one)',
    )
    .option('--proof-file <file>', 'write the proof there instead of into the receipt')
    .option('--digest-input', 'state the input by its digest')
    .option('--digest-output', 'state the output by its digest')
    .option('--hide <ports...>', `do not show in this receipt: ${PORTS}`)
    .option('--show <ports...>', 'show in this receipt what setup was told to conceal: likewise')
    .option(
      '--input-commitment <[name=]folder>',
      'take an input from a commitment (`commit`, or --commit-output of another proof); may be repeated',
      collect,
    )
    .option(
      '--commit-output <[name=]folder>',
      'commit to an output: the receipt names it, the folder opens it; may be repeated',
      collect,
    )
    .option('--uses <n>', 'proofs that may take such an output as their input', proofs)
    .option('--time <rfc3339>', 'time to state, in UTC (default: now)')
    .option(...NORMALIZE)
    .option(...STRICT)
    .option('--threads <n>', 'threads to use (default: all)', threads)
    .action((folder: string, options: ProveOptions) =>
      run(options, async () => (await import('./commands/prove.ts')).prove(folder, options)),
    );

  verb(program, 'verify', 'verify a receipt against your own values', [
    'verify run.receipt --key DIR/verifying-key.cbor',
    'verify run.receipt --key verifying-key.cbor --input input.json --nonce 5eed --model-name HEX',
    'verify - --key verifying-key.cbor < run.receipt',
  ])
    .argument('<receipt>', 'receipt file; - is standard input')
    .requiredOption('--key <file>', 'verifying key of the model')
    .option('--input <files...>', `the input you asked about (${INPUT_KINDS})`)
    .option('--output <file>', 'the output you were given (JSON, as `infer` writes it)')
    .option(
      '--input-name <[port=]hex>',
      'name of the committed input you mean, as `commit` prints it; may be repeated',
      collect,
    )
    .option('--output-name <[port=]hex>', 'name of the committed output you mean', collect)
    .option('--nonce <hex>', 'the nonce you gave')
    .option('--model-name <hex>', 'name of the model you mean: hash of root and y_reg')
    .option('--program <hex>', 'digest of the program you mean: what is done with the weights')
    .option('--security <bits>', 'fewest provable bits you accept (100 if not given)', securityBits)
    .option('--prover <hex>', 'public key of the prover you expect')
    .option('--proof <file>', 'the proof, where the receipt does not carry it')
    .option(...NORMALIZE)
    .option(...STRICT)
    .action((receipt: string, options: VerifyOptions) =>
      run(options, async () => (await import('./commands/verify.ts')).verify(receipt, options)),
    );

  verb(program, 'verify-model', 'verify what a verifying key says of the weights behind it', [
    'verify-model verifying-key.cbor',
    'verify-model verifying-key.cbor --bundle DIR',
  ])
    .argument('<key>', 'verifying key of the model')
    .option('--bundle <folder>', 'public weights: makes the key again from this bundle')
    .option('--model-name <hex>', 'name of the model you mean')
    .option('--threads <n>', 'threads to use (default: all)', threads)
    .action((path: string, options: VerifyModelOptions) =>
      run(options, async () =>
        (await import('./commands/verify-model.ts')).verifyModel(path, options),
      ),
    );

  verb(
    program,
    'recommit',
    'make a fresh root for a private model or a committed input or output',
    ['recommit DIR -o NEW_DIR', 'recommit PATIENT -o PATIENT_2 --proofs 100'],
  )
    .argument('<folder>', 'bundle of a private model, or folder that opens a commitment')
    .requiredOption('-o, --output <folder>', 'the folder that takes its place, with the proof')
    .option(
      '--proofs <n>',
      'proofs to be left (default: as many as before, less the renewal)',
      proofs,
    )
    .option(
      '--security <bits>',
      'provable bits of a commitment’s renewal (default: those of its model)',
      securityBits,
    )
    .option('--threads <n>', 'threads to use (default: all)', threads)
    .action((folder: string, options: RecommitOptions) =>
      run(options, async () => (await import('./commands/recommit.ts')).recommit(folder, options)),
    );

  verb(program, 'verify-renewal', 'verify that a fresh root holds what an earlier one holds', [
    'verify-renewal old-key.cbor NEW_DIR/verifying-key.cbor --proof NEW_DIR/renewal.bin',
    'verify-renewal old-commitment.cbor commitment.cbor --proof renewal.bin',
  ])
    .argument('<earlier>', 'verifying key, or commitment')
    .argument('<renewed>', 'the one that takes its place')
    .requiredOption('--proof <file>', 'the renewal proof, as `recommit` wrote it')
    .option(
      '--security <bits>',
      'fewest provable bits you accept of a model (100 if not given); those of a commitment’s proof (128)',
      securityBits,
    )
    .action((earlier: string, renewed: string, options: VerifyRenewalOptions) =>
      run(options, async () =>
        (await import('./commands/verify-renewal.ts')).verifyRenewals(earlier, renewed, options),
      ),
    );

  verb(program, 'inspect', 'show what is in a bundle, key, program, receipt or commitment', [
    'inspect DIR',
    'inspect DIR --check',
    'inspect run.receipt',
  ])
    .argument('<path>', 'bundle, verifying key, program, receipt, commitment or its folder')
    .option('--tensors', 'list every tensor')
    .option('--trace', 'what a contract would check of a run: the dearest check of each relation')
    .option('--check', 'digest every file of the bundle, large ones too')
    .action((path: string, options: InspectOptions) =>
      run(options, async () => (await import('./commands/inspect.ts')).inspect(path, options)),
    );

  verb(program, 'security', 'show the security of a verifying key, term by term', [
    'security DIR',
    'security verifying-key.cbor --json',
  ])
    .argument('<key>', 'verifying key, or a bundle that has one')
    .action((path: string, options: CommonOptions) =>
      run(options, async () => (await import('./commands/security.ts')).security(path, options)),
    );

  verb(
    program,
    'demo',
    'the whole way on examples: compile, commit, prove, verify, forge, hide; then a market',
    ['demo', 'demo --no-market'],
  )
    .option('-o, --output <folder>', 'where bundles, receipts and network go', 'out/demo')
    .option('--no-market', 'the proofs alone')
    .option('--threads <n>', 'threads to use (default: all)', threads)
    .action((options: DemoOptions) =>
      run(options, async () => (await import('./commands/demo.ts')).demo(options)),
    );

  addMarketVerbs(program, run);
  return program;
}
