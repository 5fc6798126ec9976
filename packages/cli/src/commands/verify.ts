import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AssayError } from '@assay/core/errors';
import { toHex } from '@assay/core/hash';
import type { Program } from '@assay/program';
import { FILES } from '@assay/prover/bundle';
import {
  decodeReceipt,
  decodeVerifyingKey,
  describeKeyError,
  describeReason,
  describeVerifyError,
  explainVerdict,
  type OwnValues,
  RECEIPT_LIMITS,
  type ReceiptBody,
  type Verdict,
  verifyReceipt,
  type VerifyError,
  type VerifyingKey,
} from '@assay/verifier';
import { isOpeningFolder, OPENING_FILES } from '@assay/prover/run';
import { EXIT } from '../exit-codes.ts';
import { oneStandardInput, readBytes, STANDARD } from '../files.ts';
import { byPort } from '../hiding/port-names.ts';
import type { Outcome } from '../outcome.ts';
import { parseHex } from '../parse.ts';
import { readInput, type SampleOptions } from '../sample.ts';
import { outputDocument, readOutputs } from '../tensors.ts';
import { type CommonOptions, warn } from '../terminal.ts';
import { formatMs } from '../ui/index.ts';

export interface VerifyOptions extends CommonOptions, SampleOptions {
  readonly key: string;
  readonly input?: readonly string[];
  readonly output?: string;
  /** [PORT=]HEX: `commitmentName` of committed ports. */
  readonly inputName?: readonly string[];
  readonly outputName?: readonly string[];
  readonly nonce?: string;
  readonly modelName?: string;
  readonly program?: string;
  readonly security?: number;
  readonly prover?: string;
  readonly proof?: string;
  readonly strict?: boolean;
}

/** The file that may be given away: of a bundle its key, of an opening's folder the commitment. */
export function publicFile(path: string): string {
  const inFolder = path !== STANDARD && existsSync(path) && statSync(path).isDirectory();
  if (!inFolder) return path;
  return join(path, isOpeningFolder(path) ? OPENING_FILES.commitment : FILES.verifyingKey);
}

/** @throws {AssayError} ASSAY_VERIFYING_KEY, ASSAY_FILE_READ */
export function readVerifyingKey(path: string): VerifyingKey {
  const key = decodeVerifyingKey(readBytes(publicFile(path)));
  if (key.ok) return key.value;
  throw new AssayError({
    code: 'ASSAY_VERIFYING_KEY',
    shortMessage: `${path}: ${describeKeyError(key.error)}`,
  });
}

/** The proof beside a receipt: the file that was named, else the one that the receipt names, in its folder. */
function proofBeside(
  receiptPath: string,
  body: ReceiptBody | null,
  given?: string,
): Uint8Array | undefined {
  if (given !== undefined) return readBytes(given, RECEIPT_LIMITS.proofBytes);
  if (body === null || receiptPath === STANDARD) return undefined;
  const { location } = body.proof;
  if (location.kind === 'embedded') return undefined;
  const path = join(dirname(receiptPath), location.file);
  return existsSync(path) ? readBytes(path, RECEIPT_LIMITS.proofBytes) : undefined;
}

/** Inputs that a receipt shows: of the others no values are needed, and those that are given are refused. */
function shownInputs(body: ReceiptBody | null): readonly string[] | undefined {
  return body?.inputs.flatMap(({ kind, name }) =>
    kind === 'values' || kind === 'digest' ? [name] : [],
  );
}

/** Names of committed ports by port name. @throws {UsageError} */
function names(
  program: Program,
  side: 'inputs' | 'outputs',
  option: string,
  texts: readonly string[] | undefined,
): ReadonlyMap<string, string> {
  const said = byPort(program, side, option, texts);
  return new Map(
    [...said].map(([name, { rest }]) => [name, toHex(parseHex(option, rest, 32, 32))]),
  );
}

function verdictJson(verdict: Verdict<VerifyError>, key: VerifyingKey, ms: number): object {
  const body = verdict.receipt?.body;
  const outputs = body?.outputs.flatMap((port) =>
    port.kind === 'values' ? [[port.name, port.values] as const] : [],
  );
  return {
    ok: verdict.accepted,
    accepted: verdict.accepted,
    reason: verdict.reason,
    message: verdict.reason === null ? null : describeReason(verdict.reason, describeVerifyError),
    checked: verdict.checked,
    ports: verdict.ports,
    weights: body?.model.weights ?? null,
    securityBits: verdict.securityBits,
    modelName: verdict.modelName,
    model: body?.model.title ?? null,
    proverKey: body?.proverKey ?? null,
    nonce: body?.nonce ?? null,
    time: body?.time ?? null,
    ...(verdict.accepted ? outputDocument(key.program, new Map(outputs)) : {}),
    ms,
  };
}

/** Verifies a receipt against a verifying key and whatever values the verifier has. */
export async function verify(receiptPath: string, options: VerifyOptions): Promise<Outcome> {
  const { key: keyPath, input, output, nonce, prover, modelName, program } = options;
  oneStandardInput(receiptPath, keyPath, ...(input ?? []), output, options.proof);
  const ownNonce = nonce === undefined ? undefined : parseHex('--nonce', nonce, 0, 64);
  const proverKey = prover === undefined ? undefined : parseHex('--prover', prover, 32, 32);
  const name =
    modelName === undefined ? undefined : toHex(parseHex('--model-name', modelName, 32, 32));
  const digest = program === undefined ? undefined : toHex(parseHex('--program', program, 32, 32));
  const key = readVerifyingKey(keyPath);
  const inputNames = names(key.program, 'inputs', '--input-name', options.inputName);
  const outputNames = names(key.program, 'outputs', '--output-name', options.outputName);
  const receipt = readBytes(receiptPath);
  const decoded = decodeReceipt(receipt);
  const body = decoded.ok ? decoded.value.body : null;
  const needed = shownInputs(body);
  const inputs =
    input === undefined ? undefined : await readInput(input, key.program, { ...options, needed });
  warn(options, inputs?.clamped ?? []);
  const own: OwnValues = {
    modelName: name,
    program: digest,
    securityBits: options.security,
    inputs: inputs?.values,
    outputs: output === undefined ? undefined : readOutputs(output, key.program),
    inputNames,
    outputNames,
    nonce: ownNonce,
    proverKey,
    proof: proofBeside(receiptPath, body, options.proof),
  };
  const started = performance.now();
  const verdict = verifyReceipt(receipt, key, own);
  const ms = performance.now() - started;
  return {
    exitCode: verdict.accepted ? EXIT.ok : EXIT.rejected,
    json: verdictJson(verdict, key, ms),
    text: [...explainVerdict(verdict, describeVerifyError), `  verified in ${formatMs(ms)}`].join(
      '\n',
    ),
  };
}
