import { join } from 'node:path';
import { toHex } from '@assay/core/hash';
import type { Program } from '@assay/program';
import { portBudget } from '@assay/prover/commitments';
import { commitmentName } from '@assay/verifier';
import { commitPort, openingPort, saveOpening, OPENING_FILES } from '@assay/prover/run';
import { openingUses } from '../hiding/uses.ts';
import { EXIT } from '../exit-codes.ts';
import { portRefs, type PortRef, portText } from '../hiding/port-names.ts';
import { type Outcome, UsageError } from '../outcome.ts';
import { startEngine } from '../pipeline.ts';
import { readInput, type SampleOptions } from '../sample.ts';
import { type CommonOptions, progressFor, warn } from '../terminal.ts';
import { readVerifyingKey } from './verify.ts';

export interface CommitOptions extends CommonOptions, SampleOptions {
  readonly input: readonly string[];
  readonly port?: string;
  readonly uses?: number;
  /** The folder that will open the commitment. */
  readonly output: string;
  readonly strict?: boolean;
  readonly threads?: number;
}

/** The input that is to be committed. @throws {UsageError} */
function inputNamed(program: Program, name: string | undefined): PortRef {
  const refs = portRefs(program).filter(({ side }) => side === 'inputs');
  const known = `It has: ${refs.map(({ port }) => port.name).join(', ')}.`;
  const [only] = refs;
  if (name === undefined) {
    if (only !== undefined && refs.length === 1) return only;
    throw new UsageError(`--port NAME is missing: the model has ${refs.length} inputs`, known);
  }
  const ref = refs.find(({ port }) => port.name === name) ?? refs.find((r) => portText(r) === name);
  if (ref !== undefined) return ref;
  throw new UsageError(`--port: the model has no input "${name}"`, known);
}

/** Commits values of an input of a model: a name that receipts can give in place of them, and what opens it. */
export async function commit(path: string, options: CommitOptions): Promise<Outcome> {
  const key = readVerifyingKey(path);
  const ref = inputNamed(key.program, options.port);
  const { port } = ref;
  const read = await readInput(options.input, key.program, { ...options, needed: [port.name] });
  const values = read.values.get(port.name) ?? new Int32Array();
  warn(options, read.clamped);
  const budget = portBudget(key, ref, options.uses);
  const progress = progressFor(options);
  const running = await startEngine(options.threads);
  try {
    progress.update('commit', 0, 0);
    const { opening } = commitPort(running.engine, key, port, values, budget);
    const folder = options.output;
    const made = { folder, opening, port: openingPort(key, 'input', port) };
    saveOpening(made);
    progress.end();
    const { root, yReg } = opening.commitment;
    const name = toHex(commitmentName(root, yReg));
    const uses = openingUses(made);
    const file = join(folder, OPENING_FILES.commitment);
    return {
      exitCode: EXIT.ok,
      json: {
        ok: true,
        folder,
        commitment: file,
        commitmentName: name,
        port: port.name,
        uses,
        clamped: read.clamped,
      },
      text: [
        `committed   input "${port.name}" for ${key.program.name}`,
        `name        ${name}`,
        `public      ${file}: size and root, nothing of the values`,
        `secret      ${folder}: opens it in ${uses.left} proofs; never copy it, two copies would count apart`,
        `next        assay prove DIR --input-commitment ${folder} -o run.receipt`,
        `            assay verify run.receipt --key verifying-key.cbor --input-name ${name}`,
      ].join('\n'),
    };
  } finally {
    await running.close();
  }
}
