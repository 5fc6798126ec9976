import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle, writeCompiled } from '@assay/prover/bundle';
import { describeReason, describeVerifyError, encodeReceipt, verifyReceipt } from '@assay/verifier';
import { proveRun, receiptBody } from '@assay/prover/run';
import { parseTime } from '../parse.ts';
import { firstOf, measureAccuracy, sampleOf } from '../demo/accuracy.ts';
import { forgeReceipt, largest } from '../demo/forge.ts';
import { exampleFile, readHeldOut } from '../demo/held-out.ts';
import { market } from '../demo/market/index.ts';
import {
  describePrivate,
  diagnosisFolder,
  prepareDiagnosis,
  provePrivately,
} from '../demo/private.ts';
import { describeImage, type ProvenImage, renderFigures } from '../demo/screen.ts';
import { EXIT } from '../exit-codes.ts';
import { readBytes, writeBytes } from '../files.ts';
import { newKey } from '../keys.ts';
import type { Outcome } from '../outcome.ts';
import { commitModel, compileModel, modelInputs, startEngine } from '../pipeline.ts';
import { readSamples } from '../sample.ts';
import { quantizeInputs } from '../tensors.ts';
import { type CommonOptions, peakMemoryBytes } from '../terminal.ts';
import { formatBytes, formatMs, silent } from '../ui/index.ts';

export interface DemoOptions extends CommonOptions {
  readonly output: string;
  readonly threads?: number;
  /** False: the proofs alone. */
  readonly market?: boolean;
}

const SHOWN_IMAGES = 3;
const SECURITY_BITS = 128;
const NO_NONCE: Uint8Array = new Uint8Array();

/**
 * The whole way on an example: compile, commit, prove three images, verify, one forgery; then what hides;
 * then a market in which all of it is done for money.
 */
export async function demo(options: DemoOptions): Promise<Outcome> {
  const say = (line: string): void => {
    if (options.json !== true) process.stdout.write(`${line}\n`);
  };
  const colour = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
  const { input, images } = readHeldOut();
  const folder = join(options.output, 'bundle');
  say('A convolutional network on handwritten digits: every answer comes with a proof.\n');

  const compiled = await timed(() => compileExample(folder));
  say(`compiled   ${compiled.value} in ${formatMs(compiled.ms)}`);
  const { engine, close } = await startEngine(options.threads);
  let bundle = openBundle(folder);
  try {
    const committed = await timed(() =>
      commitModel(engine, bundle, { targetBits: SECURITY_BITS }, silent),
    );
    const { key } = committed.value;
    bundle.close();
    bundle = openBundle(folder);
    const keys = `${formatBytes(bundle.provingKeyBytes)} to prove with, ${formatBytes(bundle.verifyingKeyBytes)} to verify with`;
    say(`committed  in ${formatMs(committed.ms)}: ${keys}\n`);

    const signer = newKey();
    const shown: ProvenImage[] = [];
    let forgery = new Uint8Array();
    for (const [index, image] of images.slice(0, SHOWN_IMAGES).entries()) {
      const { values } = quantizeInputs(bundle.program, sampleOf(input, image), false);
      const request = { inputs: values, nonce: NO_NONCE };
      const run = await timed(async () => proveRun(engine, bundle, request));
      const body = receiptBody(run.value, signer.publicKey, { time: parseTime(undefined) });
      const receipt = encodeReceipt(body, signer);
      const path = join(options.output, `image-${index + 1}.receipt`);
      writeBytes(path, receipt);
      const verdict = await timed(async () => verifyReceipt(receipt, key, { inputs: values }));
      const { stages, proof, outputs } = run.value;
      const proven: ProvenImage = {
        image,
        predicted: largest(firstOf(outputs)),
        proveMs: run.ms,
        stages,
        verifyMs: verdict.ms,
        proofBytes: proof.length,
        accepted: verdict.value.accepted,
        path,
      };
      shown.push(proven);
      say(`${describeImage(proven, colour)}\n`);
      forgery = Uint8Array.from(forgeReceipt(body, signer));
    }

    const { reason } = verifyReceipt(forgery, key);
    const words = reason === null ? null : describeReason(reason, describeVerifyError);
    say('The provider exchanges the two best digits of its last answer, and signs that:');
    say(`  ${words === null ? 'ACCEPTED' : `REJECTED: ${words}`}\n`);

    say('A diagnosis from 30 measurements, in zero knowledge: of the patient, then of the model.');
    const diagnosis = await prepareDiagnosis();
    const privately = await provePrivately(engine, options.output, diagnosis);
    say(`${describePrivate(privately)}\n`);

    const figures = {
      images: shown,
      securityBits: key.parameters.targetBits,
      threads: engine.threads,
      accuracy: await measureAccuracy(bundle, input, images),
      peakMemoryBytes: peakMemoryBytes(),
    };
    const ok =
      shown.length > 0 &&
      [...shown, ...privately].every(({ accepted }) => accepted) &&
      words !== null;
    say(`${renderFigures(figures)}\n`);
    const economy =
      options.market === false
        ? null
        : await market({
            folder: join(options.output, 'network'),
            engine,
            digit: { folder, input, image: images[SHOWN_IMAGES] },
            diagnosis: { folder: diagnosisFolder(options.output, 'patient'), ...diagnosis },
            say,
            stays: process.stdout.isTTY && options.json !== true,
          });
    const times = { compileMs: compiled.ms, setupMs: committed.ms };
    return {
      exitCode: ok && economy?.ok !== false ? EXIT.ok : EXIT.failure,
      json: {
        ok: ok && economy?.ok !== false,
        ...times,
        ...figures,
        forgery: { accepted: words === null, reason: words },
        private: privately,
        market: economy,
      },
      text: [
        'Try it: flip a byte, or give another --input.',
        `  npx assay verify ${shown[0]?.path ?? ''} --key ${join(folder, 'verifying-key.cbor')}`,
      ].join('\n'),
    };
  } finally {
    bundle.close();
    await close();
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const start = performance.now();
  const value = await work();
  return { value, ms: performance.now() - start };
}

/** Compiles the example into a bundle; says what came out. */
async function compileExample(folder: string): Promise<string> {
  const model = readBytes(exampleFile('model.onnx'));
  const ports = await modelInputs(model, {});
  const samples = await readSamples([exampleFile('samples.json')], ports, {});
  const compiled = await compileModel({ name: 'digits-cnn', model, samples, progress: silent });
  mkdirSync(join(folder, '..'), { recursive: true });
  writeCompiled(folder, compiled, { replace: true });
  const { nodes, relations } = compiled.program;
  return `${nodes.length} nodes to ${relations.length} relations between integers`;
}
