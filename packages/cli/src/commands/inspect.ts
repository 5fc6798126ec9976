import { existsSync, statSync } from 'node:fs';
import { AssayError } from '@assay/core/errors';
import { toHex } from '@assay/core/hash';
import type { ProofParameters } from '@assay/core/security';
import {
  decodeProgram,
  deriveSystem,
  describeProgramError,
  encodeProgram,
  type Program,
  programDigest,
} from '@assay/program';
import { openBundle } from '@assay/prover/bundle';
import {
  commitmentName,
  decodeReceipt,
  decodeVerifyingKey,
  describeReceiptError,
  modelName,
  type PortValue,
  type ReceiptBody,
  type VerifyingKey,
} from '@assay/verifier';
import { EXIT } from '../exit-codes.ts';
import { readBytes, STANDARD } from '../files.ts';
import {
  layersOf,
  layerTable,
  nodeSummaries,
  nodeTable,
  portLines,
  sizeLines,
  sizesOf,
  tensorSummaries,
  tensorTable,
  workOf,
  workTable,
} from '../inspect/index.ts';
import type { Outcome } from '../outcome.ts';
import type { CommonOptions } from '../terminal.ts';

export interface InspectOptions extends CommonOptions {
  readonly tensors?: boolean;
  readonly check?: boolean;
}

function keyJson(key: VerifyingKey): object {
  return {
    modelName: toHex(modelName(key.model.root, key.model.yReg)),
    root: key.model.root,
    yReg: key.model.yReg,
    parameters: key.parameters,
    visibility: key.visibility,
  };
}

function describeProgram(
  program: Program,
  key: VerifyingKey | null,
  report: unknown,
  options: InspectOptions,
): Outcome {
  const derived = deriveSystem(program);
  if (!derived.ok) {
    throw new AssayError({
      code: 'ASSAY_PROGRAM',
      shortMessage: describeProgramError(derived.error),
    });
  }
  const system = derived.value;
  const parameters: ProofParameters | null = key?.parameters ?? null;
  const nodes = nodeSummaries(system);
  const tensors = options.tensors === true ? tensorSummaries(system) : [];
  const sizes = sizesOf(system);
  const layers = layersOf(report);
  const work = parameters === null ? [] : workOf(system, parameters);
  const digest = toHex(programDigest(encodeProgram(program)));
  const lines = [
    `program     ${program.name}  ${digest}`,
    ...(key === null
      ? ['key         none yet: `assay setup` makes one']
      : [
          `model name  ${toHex(modelName(key.model.root, key.model.yReg))}`,
          `security    ${key.parameters.targetBits} bits (\`assay security\` lists the terms)`,
        ]),
    ...portLines(program),
    ...sizeLines(sizes),
    '',
    nodeTable(nodes),
    ...(layers.length > 0 ? ['', 'As measured on the samples:', layerTable(layers)] : []),
    ...(options.tensors === true ? ['', tensorTable(tensors)] : []),
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
      sizes,
      work,
      key: key === null ? null : keyJson(key),
      report,
    },
    text: lines.join('\n'),
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
      `model       "${body.model.title}", name ${toHex(modelName(body.model.root, body.model.yReg))}`,
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

/** What is in a bundle, a verifying key, a program or a receipt. */
export async function inspect(path: string, options: InspectOptions): Promise<Outcome> {
  if (path !== STANDARD && existsSync(path) && statSync(path).isDirectory()) {
    const bundle = openBundle(path, { full: options.check === true });
    bundle.close();
    return describeProgram(bundle.program, bundle.verifyingKey, bundle.report, options);
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
  if (key.ok) return describeProgram(key.value.program, key.value, null, options);
  const program = decodeProgram(bytes);
  if (program.ok) return describeProgram(program.value, null, null, options);
  throw new AssayError({
    code: 'ASSAY_INSPECT',
    shortMessage: `${path} is neither a bundle nor a verifying key, a program or a receipt`,
  });
}
