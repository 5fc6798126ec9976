import { toHex } from '@assay/core/hash';
import { AssayError } from '@assay/core/errors';
import { type Bundle, openBundle } from '@assay/prover/bundle';
import { usesFolder } from '@assay/prover/commitments/node';
import { commitmentName, encodeReceipt, modelName, type ReceiptBody } from '@assay/verifier';
import { type ProvenRun, proveRun, receiptBody } from '@assay/prover/run';
import { EXIT } from '../exit-codes.ts';
import { STANDARD, writeBytes } from '../files.ts';
import { planRun, type RunPlan, type ShowOptions } from '../hiding/plan.ts';
import { type PortRef, portRefs, sideWord } from '../hiding/port-names.ts';
import { type Uses, usesOf, usesText } from '../hiding/uses.ts';
import { findKey } from '../keys.ts';
import { type Outcome, toJson, UsageError } from '../outcome.ts';
import { parseHex, parseTime } from '../parse.ts';
import { startEngine } from '../pipeline.ts';
import { readInput, type SampleOptions } from '../sample.ts';
import { outputDocument, type QuantizedInputs } from '../tensors.ts';
import { type CommonOptions, peakMemoryBytes, progressFor, warn } from '../terminal.ts';
import { formatBytes, formatMs, stagesOf } from '../ui/index.ts';

export interface ProveOptions extends CommonOptions, SampleOptions, ShowOptions {
  /** Not needed for inputs that a commitment opens. */
  readonly input?: readonly string[];
  readonly output: string;
  readonly nonce?: string;
  readonly keyFile?: string;
  readonly proofFile?: string;
  readonly time?: string;
  readonly digestInput?: boolean;
  readonly digestOutput?: boolean;
  readonly strict?: boolean;
  readonly threads?: number;
}

/** Values of the inputs that no commitment opens; what is given of the others has to be what it opens. */
async function givenInputs(plan: RunPlan, options: ProveOptions): Promise<QuantizedInputs> {
  const needed = plan.given.map(({ name }) => name);
  if (options.input === undefined) {
    if (needed.length === 0) return { values: new Map(), clamped: [] };
    throw new UsageError(`--input FILE is missing: it gives ${needed.join(', ')}`);
  }
  const read = await readInput(options.input, plan.key.program, { ...options, needed });
  for (const [name, { folder, opening }] of plan.openings) {
    const values = read.values.get(name);
    if (values?.every((value, i) => value === opening.values[i]) ?? true) continue;
    throw new AssayError({
      code: 'ASSAY_INPUT',
      shortMessage: `input "${name}" is not what ${folder} holds`,
      details: 'A committed input needs no --input.',
    });
  }
  return { ...read, values: new Map([...read.values].filter(([name]) => needed.includes(name))) };
}

/** What the receipt does not show of a run. */
interface Concealed {
  readonly side: 'input' | 'output';
  readonly port: string;
  readonly shown: 'committed' | 'hidden';
  readonly commitmentName: string | null;
  /** Where a committed port is opened from, and how often it still can be. */
  readonly folder: string | null;
  readonly uses: Uses | null;
}

function concealedPorts({ key }: ProvenRun, plan: RunPlan, body: ReceiptBody): Concealed[] {
  const folderOf = (
    { side, port }: PortRef,
    root: Uint8Array,
  ): Pick<Concealed, 'folder' | 'uses'> => {
    const read = plan.openings.get(port.name);
    const made = plan.commitOutputs.get(port.name);
    const at = side === 'inputs' ? read && { ...read, budget: read.opening } : made;
    if (at === undefined) return { folder: null, uses: null };
    return { folder: at.folder, uses: usesOf(usesFolder(at.folder, root), at.budget) };
  };
  return portRefs(key.program).flatMap((ref): Concealed[] => {
    const stated = body[ref.side][ref.index];
    const common = { side: sideWord(ref.side), port: ref.port.name };
    if (stated?.kind === 'hidden') {
      return [{ ...common, shown: 'hidden', commitmentName: null, folder: null, uses: null }];
    }
    if (stated?.kind !== 'committed') return [];
    const { root, yReg } = stated;
    const name = toHex(commitmentName(root, yReg));
    return [{ ...common, shown: 'committed', commitmentName: name, ...folderOf(ref, root) }];
  });
}

const MOST_SHOWN = 200;

/** What only the prover sees: ports that the receipt does not show. */
function concealedLines(
  run: ProvenRun,
  concealed: readonly Concealed[],
  own: Uses | null,
): string[] {
  const { outputs } = outputDocument(run.key.program, run.outputs);
  return [
    ...(own === null ? [] : [`weights     hidden; ${usesText(own)} of this root`]),
    ...concealed.flatMap(({ side, port, commitmentName: name, folder, uses }) => {
      const how = name === null ? 'hidden' : `committed as ${name}`;
      const values = toJson(outputs[port]);
      const cut = values?.length > MOST_SHOWN ? `${values.slice(0, MOST_SHOWN)}…` : values;
      return [
        `${side.padEnd(11)} "${port}" ${how}`,
        ...(folder === null || uses === null ? [] : [`            ${folder}: ${usesText(uses)}`]),
        ...(side === 'output' ? [`            for you alone, not in the receipt: ${cut}`] : []),
      ];
    }),
  ];
}

/** What the receipt does not show: kept apart, so that nobody passes it on with the rest. */
function concealedOutputs({ outputs, statement }: ProvenRun): ReadonlyMap<string, Int32Array> {
  return new Map([...outputs].filter(([name]) => !statement.outputs.has(name)));
}

function modelUses(bundle: Bundle): Uses | null {
  const hidden = bundle.hidden();
  return hidden === null ? null : usesOf(hidden.uses, hidden);
}

/** Runs a model that is set up, proves the run, and signs a receipt. */
export async function prove(folder: string, options: ProveOptions): Promise<Outcome> {
  const nonce = parseHex('--nonce', options.nonce ?? '', 0, 64);
  parseTime(options.time);
  const progress = progressFor(options);
  const bundle = openBundle(folder);
  try {
    bundle.commitment();
    if (bundle.verifyingKey === null) throw new TypeError('prove: expected a verifying key');
    const plan = planRun(bundle.verifyingKey, options);
    const found = findKey(options.keyFile, folder);
    const inputs = await givenInputs(plan, options);
    warn(options, [...found.warnings, ...inputs.clamped]);
    const running = await startEngine(options.threads);
    try {
      const started = performance.now();
      const request = { ...plan, inputs: inputs.values, nonce };
      const run = proveRun(running.engine, bundle, request, stagesOf(progress));
      const ms = performance.now() - started;
      const { key } = found;
      const body = receiptBody(run, key.publicKey, { ...options, time: parseTime(options.time) });
      const receipt = encodeReceipt(body, key);
      if (options.proofFile !== undefined) writeBytes(options.proofFile, run.proof);
      writeBytes(options.output, receipt);
      const name = toHex(modelName(body.model.root, body.model.yReg));
      const concealed = concealedPorts(run, plan, body);
      const uses = modelUses(bundle);
      return {
        exitCode: EXIT.ok,
        json: {
          ok: true,
          receipt: options.output,
          proof: options.proofFile ?? null,
          modelName: name,
          proverKey: key.publicKey,
          keyFile: found.file,
          nonce,
          time: body.time,
          securityBits: body.suite.securityBits,
          receiptBytes: receipt.length,
          proofBytes: run.proof.length,
          ms,
          stages: run.stages,
          peakMemoryBytes: peakMemoryBytes(),
          weights: body.model.weights,
          uses,
          concealed,
          ...outputDocument(bundle.program, run.statement.outputs),
          forYouAlone: outputDocument(bundle.program, concealedOutputs(run)),
          clamped: inputs.clamped,
        },
        text: [
          `proven      ${body.model.title} at ${body.suite.securityBits} bits in ${formatMs(ms)}`,
          `receipt     ${options.output} (${formatBytes(receipt.length)}, proof ${formatBytes(run.proof.length)})`,
          `model name  ${name}`,
          ...concealedLines(run, concealed, uses),
          `prover key  ${toHex(key.publicKey)}${found.file === null ? ' (made for this proof)' : ''}`,
        ].join('\n'),
        stdoutTaken: options.output === STANDARD,
      };
    } finally {
      await running.close();
    }
  } finally {
    bundle.close();
  }
}
