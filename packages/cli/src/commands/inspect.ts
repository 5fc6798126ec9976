import { existsSync, statSync } from 'node:fs';
import { AssayError } from '@assay/core/errors';
import { toHex } from '@assay/core/hash';
import { padCount } from '@assay/core/linear';
import {
  decodeProgram,
  deriveSystem,
  describeProgramError,
  encodeProgram,
  isHiding,
  type Program,
  programDigest,
  type System,
} from '@assay/program';
import { openBundle } from '@assay/prover/bundle';
import {
  type Argument,
  commitmentName,
  decodeCommitment,
  decodeReceipt,
  decodeVerifyingKey,
  describeReceiptError,
  describeVerifyError,
  modelName,
  type PortCommitment,
  type PortValue,
  prepareArgument,
  type ReceiptBody,
  type VerifyingKey,
} from '@assay/verifier';
import { loadOpening, isOpeningFolder } from '@assay/prover/run';
import { EXIT } from '../exit-codes.ts';
import { readBytes, STANDARD } from '../files.ts';
import { openingUses, type Uses, usesOf, usesText } from '../hiding/uses.ts';
import { shownLines } from '../hiding/words.ts';
import {
  layersOf,
  layerTable,
  nodeSummaries,
  nodeTable,
  portLines,
  publicNumbersOf,
  publicTable,
  shapeText,
  sizeLines,
  sizesOf,
  tensorSummaries,
  tensorTable,
  traceLine,
  traceSummary,
  traceTable,
  workOf,
  workTable,
} from '../inspect/index.ts';
import type { Outcome } from '../outcome.ts';
import type { CommonOptions } from '../terminal.ts';
import { formatBytes } from '../ui/index.ts';

export interface InspectOptions extends CommonOptions {
  readonly tensors?: boolean;
  readonly trace?: boolean;
  readonly check?: boolean;
}

function keyJson(key: VerifyingKey): object {
  return {
    modelName: toHex(modelName(key.model.root, key.model.yReg)),
    root: key.model.root,
    yReg: key.model.yReg,
    parameters: key.parameters,
    visibility: key.visibility,
    registrationBytes: key.registration?.length ?? null,
  };
}

/** What a key, or a program without one, is about: with what the key hides, where it fits its program. */
function systemOf(
  program: Program,
  key: VerifyingKey | null,
): { readonly system: System; readonly argument: Argument | null; readonly unfit: string | null } {
  const argument = key === null ? null : prepareArgument(key);
  if (argument?.ok === true) {
    return { system: argument.value.system, argument: argument.value, unfit: null };
  }
  const derived = deriveSystem(program);
  if (derived.ok) {
    const unfit = argument === null ? null : describeVerifyError(argument.error);
    return { system: derived.value, argument: null, unfit };
  }
  throw new AssayError({
    code: 'ASSAY_PROGRAM',
    shortMessage: describeProgramError(derived.error),
  });
}

function keyLines(key: VerifyingKey, unfit: string | null, uses: Uses | null): string[] {
  const { program, model, parameters, visibility, registration } = key;
  return [
    `model name  ${toHex(modelName(model.root, model.yReg))}`,
    `security    ${parameters.targetBits} bits (\`assay security\` lists the terms)`,
    ...(unfit === null ? [] : [`unusable    ${unfit}`]),
    ...(isHiding(visibility) ? shownLines(program, visibility) : []),
    ...(registration === null
      ? []
      : [
          `registered  ${formatBytes(registration.length)} of proof, not verified here (\`assay verify-model\` does)`,
        ]),
    ...(uses === null ? [] : [`uses        ${usesText(uses)} of this root`]),
  ];
}

function traceLines(trace: ReturnType<typeof traceSummary>): readonly string[] {
  return 'refused' in trace
    ? [`trace       none that a contract could check: ${trace.refused}`]
    : [traceLine(trace.summary), traceTable(trace.summary)];
}

function describeProgram(
  program: Program,
  key: VerifyingKey | null,
  report: unknown,
  uses: Uses | null,
  options: InspectOptions,
): Outcome {
  const { system, argument, unfit } = systemOf(program, key);
  const nodes = nodeSummaries(system);
  const tensors = options.tensors === true ? tensorSummaries(system) : [];
  const sizes = sizesOf(system, argument === null ? 0 : padCount(argument.pads));
  const layers = layersOf(report);
  const shown = publicNumbersOf(report);
  const work = argument === null ? [] : workOf(argument);
  const digest = toHex(programDigest(encodeProgram(program)));
  const trace = options.trace === true ? traceSummary(program) : null;
  const lines = [
    `program     ${program.name}  ${digest}`,
    ...(key === null
      ? ['key         none yet: `assay setup` makes one']
      : keyLines(key, unfit, uses)),
    ...portLines(program),
    ...sizeLines(sizes),
    '',
    nodeTable(nodes),
    ...(shown === null || shown.length === 0
      ? []
      : ['', 'Constants of the model that the program shows:', publicTable(shown)]),
    ...(layers.length > 0 ? ['', 'As measured on the samples:', layerTable(layers)] : []),
    ...(options.tensors === true ? ['', tensorTable(tensors)] : []),
    ...(trace === null ? [] : ['', ...traceLines(trace)]),
    ...(work.length > 0
      ? ['', 'Where proving time will go (coarse estimate):', workTable(work)]
      : []),
  ];
  return {
    exitCode: EXIT.ok,
    json: {
      ok: true,
      program: { name: program.name, digest, inputs: program.inputs, outputs: program.outputs },
      nodes,
      ...(options.tensors === true ? { tensors } : {}),
      ...(trace === null ? {} : { trace: 'summary' in trace ? trace.summary : trace }),
      sizes,
      work,
      key: key === null ? null : keyJson(key),
      uses,
      report,
    },
    text: lines.join('\n'),
  };
}

/** Lines about a committed tensor, of which nothing more is to be seen. */
function commitmentLines({ shape, logRows, logInverseRate, root, yReg }: PortCommitment): string[] {
  return [
    `commitment  ${toHex(commitmentName(root, yReg))}`,
    `shape       ${shapeText(shape)}, columns of 2^${logRows} rows at rate 2^-${logInverseRate}`,
  ];
}

function commitmentJson(commitment: PortCommitment): object {
  return {
    commitmentName: toHex(commitmentName(commitment.root, commitment.yReg)),
    ...commitment,
  };
}

/** The folder that opens a commitment: what it is for, and how often still. Its values are not shown. */
function describeOpening(folder: string): Outcome {
  const made = loadOpening(folder);
  const { port } = made;
  const { commitment } = made.opening;
  const uses = openingUses(made);
  return {
    exitCode: EXIT.ok,
    json: { ok: true, opening: { ...commitmentJson(commitment), port, uses } },
    text: [
      ...commitmentLines(commitment),
      ...(port === null ? [] : [`port        ${port.side} "${port.name}" of ${port.model}`]),
      `uses        ${usesText(uses)}`,
    ].join('\n'),
  };
}

function describePort(port: PortValue): string {
  switch (port.kind) {
    case 'values':
      return `${port.values.length} integers`;
    case 'digest':
      return `${port.elements} elements, digest ${toHex(port.digest)}`;
    case 'committed':
      return `committed as ${toHex(commitmentName(port.root, port.yReg))}`;
    case 'hidden':
      return 'hidden';
  }
}

function describeReceipt(body: ReceiptBody): Outcome {
  const ports = [...body.inputs, ...body.outputs].map((port, i) => {
    const side = i < body.inputs.length ? 'input' : 'output';
    return `${side.padEnd(11)} "${port.name}": ${describePort(port)}`;
  });
  const { location, sizeBytes } = body.proof;
  const where = location.kind === 'embedded' ? 'embedded' : `beside, in ${location.file}`;
  return {
    exitCode: EXIT.ok,
    json: { ok: true, receipt: { ...body, proof: { ...body.proof, location: where } } },
    text: [
      'receipt     claims, nothing of it verified:',
      `model       "${body.model.title}", weights ${body.model.weights}, name ${toHex(modelName(body.model.root, body.model.yReg))}`,
      `program     ${toHex(body.program)}`,
      `suite       ${body.suite.name}, ${body.suite.securityBits} bits`,
      ...ports,
      `nonce       ${body.nonce.length === 0 ? 'none' : toHex(body.nonce)}`,
      `proof       ${sizeBytes} bytes, ${where}`,
      `prover key  ${toHex(body.proverKey)}`,
      `time        ${body.time}`,
    ].join('\n'),
  };
}

/** What is in a bundle, a verifying key, a program, a receipt, a commitment or the folder that opens one. */
export async function inspect(path: string, options: InspectOptions): Promise<Outcome> {
  if (path !== STANDARD && existsSync(path) && statSync(path).isDirectory()) {
    if (isOpeningFolder(path)) return describeOpening(path);
    const bundle = openBundle(path, { full: options.check === true });
    bundle.close();
    const hidden = bundle.hidden();
    const uses = hidden === null ? null : usesOf(hidden.uses, hidden);
    return describeProgram(bundle.program, bundle.verifyingKey, bundle.report, uses, options);
  }
  const bytes = readBytes(path);
  if (bytes[0] === 0x7b) {
    const receipt = decodeReceipt(bytes);
    if (receipt.ok) return describeReceipt(receipt.value.body);
    const reason = describeReceiptError(receipt.error);
    throw new AssayError({
      code: 'ASSAY_RECEIPT',
      shortMessage: `${path}: not a receipt: ${reason}`,
    });
  }
  const key = decodeVerifyingKey(bytes);
  if (key.ok) return describeProgram(key.value.program, key.value, null, null, options);
  const program = decodeProgram(bytes);
  if (program.ok) return describeProgram(program.value, null, null, null, options);
  const commitment = decodeCommitment(bytes);
  if (commitment.ok) {
    return {
      exitCode: EXIT.ok,
      json: { ok: true, commitment: commitmentJson(commitment.value) },
      text: commitmentLines(commitment.value).join('\n'),
    };
  }
  throw new AssayError({
    code: 'ASSAY_INSPECT',
    shortMessage: `${path} is neither a bundle nor a verifying key, a program, a receipt or a commitment`,
  });
}
