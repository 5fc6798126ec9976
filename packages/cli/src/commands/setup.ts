import { join } from 'node:path';
import { AssayError } from '@assay/core/errors';
import { toHex } from '@assay/core/hash';
import { checkPrivate, describeProgramError, type Program } from '@assay/program';
import { DEFAULT_PROOFS, type PortKind, type Shown } from '@assay/prover';
import { FILES, openBundle } from '@assay/prover/bundle';
import { modelName, type VerifyingKey } from '@assay/verifier';
import { EXIT } from '../exit-codes.ts';
import { portsNamed, portText } from '../hiding/port-names.ts';
import { type Uses, usesOf } from '../hiding/uses.ts';
import { shownJson, shownLines } from '../hiding/words.ts';
import { publicNumberLines, publicNumbersOf } from '../inspect/index.ts';
import { type Outcome, UsageError } from '../outcome.ts';
import { type CommitOptions, commitModel, startEngine } from '../pipeline.ts';
import { type CommonOptions, progressFor, warn } from '../terminal.ts';
import { formatBytes, formatMs } from '../ui/index.ts';
import { readVerifyingKey } from './verify.ts';

export interface SetupOptions extends CommonOptions {
  readonly security: number;
  /** Hides the weights. */
  readonly private?: boolean;
  readonly hide?: readonly string[];
  readonly commit?: readonly string[];
  readonly proofs?: number;
  readonly logRows?: number;
  /** -log2 of the first code's rate. */
  readonly rate?: number;
  /** Bundle or verifying key whose column length and first rate are taken over. */
  readonly like?: string;
  readonly threads?: number;
}

/** What proofs are to show: every port that no option names is public. @throws {UsageError} */
function shownBy(program: Program, options: SetupOptions): Shown {
  const sides = { inputs: new Map<string, PortKind>(), outputs: new Map<string, PortKind>() };
  for (const [option, kind] of [
    ['hide', 'hidden'],
    ['commit', 'committed'],
  ] as const) {
    for (const text of options[option] ?? []) {
      for (const ref of portsNamed(program, `--${option}`, text)) {
        const before = sides[ref.side].get(ref.port.name);
        if (before !== undefined && before !== kind) {
          throw new UsageError(`${portText(ref)} is to be hidden and committed: choose one`);
        }
        sides[ref.side].set(ref.port.name, kind);
      }
    }
  }
  return { weights: options.private === true ? 'hidden' : 'public', ...sides };
}

/** What the key shows would tell of hidden weights, unless it was rounded. @throws {AssayError} ASSAY_SETUP_PRIVATE */
function expectPrivate(program: Program, folder: string): void {
  const fit = checkPrivate(program);
  if (fit.ok) return;
  throw new AssayError({
    code: 'ASSAY_SETUP_PRIVATE',
    shortMessage: `${folder} was not compiled for private weights: ${describeProgramError(fit.error)}`,
    details: 'Compile it with --private.',
  });
}

/** @throws {UsageError} on options that contradict each other */
function commitOptions(program: Program, options: SetupOptions): CommitOptions {
  const { security: targetBits, proofs, logRows, rate: logInverseRate, like } = options;
  if (like !== undefined && (logRows !== undefined || logInverseRate !== undefined)) {
    throw new UsageError('--like says what --log-rows and --rate say: give one or the other');
  }
  const shown = shownBy(program, options);
  if (proofs !== undefined && options.private !== true && options.commit === undefined) {
    throw new UsageError(
      '--proofs: nothing here is used up by proofs',
      'Only --private and --commit reserve a number of them.',
    );
  }
  const rest = { targetBits, shown, proofs };
  if (like === undefined) return { ...rest, logRows, logInverseRate };
  const { whir } = readVerifyingKey(like).parameters;
  return { ...rest, logRows: whir.logRows, logInverseRate: whir.logInverseRates[0] };
}

/** Tails take room in columns whose length may be fixed: that is why nothing may be found. */
function explained(cause: unknown, { private: hidden, commit, hide }: SetupOptions): unknown {
  const infeasible = cause instanceof AssayError && cause.code === 'ASSAY_SECURITY_INFEASIBLE';
  if (!infeasible || (hidden !== true && commit === undefined && hide === undefined)) return cause;
  const { code, shortMessage, details } = cause;
  const advice = 'Fewer --proofs take less room, and longer columns (--log-rows) have more.';
  return new AssayError({ code, shortMessage, details: `${details ?? ''}\n${advice}`, cause });
}

/** How often static roots can be opened: their tails are used up by it. */
function reservedLines(
  { visibility }: VerifyingKey,
  uses: Uses | null,
  folder: string,
  proofs: number = DEFAULT_PROOFS,
): string[] {
  const ports = [...visibility.inputs, ...visibility.outputs];
  return [
    ...(uses === null
      ? []
      : [`reserved    ${uses.left} proofs of these weights: then \`assay recommit ${folder}\``]),
    ...(ports.some(({ kind }) => kind === 'committed')
      ? [`reserved    ${proofs} proofs for each committed input or output`]
      : []),
  ];
}

const REPLACES =
  'the hidden weights get another root and name, and nothing will show that both are one model: `assay recommit` does';

/** Commits the model of a bundle: afterwards it can prove, and its verifying key can be given away. */
export async function setup(folder: string, options: SetupOptions): Promise<Outcome> {
  const started = performance.now();
  const progress = progressFor(options);
  const bundle = openBundle(folder);
  try {
    const told = commitOptions(bundle.program, options);
    if (options.private === true) expectPrivate(bundle.program, folder);
    if (bundle.verifyingKey?.visibility.weights.kind === 'hidden') warn(options, [REPLACES]);
    const running = await startEngine(options.threads);
    try {
      const { key, estimate } = await commitModel(running.engine, bundle, told, progress).catch(
        (cause: unknown) => {
          throw explained(cause, options);
        },
      );
      const ms = performance.now() - started;
      const name = toHex(modelName(key.model.root, key.model.yReg));
      const file = join(folder, FILES.verifyingKey);
      const after = openBundle(folder);
      after.close();
      const { provingKeyBytes, verifyingKeyBytes } = after;
      const { program, parameters, visibility, registration } = key;
      const hidden = after.hidden();
      const uses: Uses | null = hidden === null ? null : usesOf(hidden.uses, hidden);
      const { logRows, logInverseRates } = parameters.whir;
      const shownNumbers = publicNumbersOf(bundle.report) ?? [];
      return {
        exitCode: EXIT.ok,
        json: {
          ok: true,
          folder,
          verifyingKey: file,
          modelName: name,
          root: key.model.root,
          securityBits: parameters.targetBits,
          shown: shownJson(program, visibility),
          registrationBytes: registration?.length ?? null,
          ...(options.private === true ? { public: shownNumbers } : {}),
          uses,
          logRows,
          logInverseRate: logInverseRates[0],
          provingKeyBytes,
          verifyingKeyBytes,
          expectedProofBytes: Math.round(estimate.proofBytes),
          ms,
        },
        text: [
          `committed   ${program.name} at ${parameters.targetBits} bits in ${formatMs(ms)}`,
          `model name  ${name}`,
          ...shownLines(program, visibility),
          ...(options.private === true ? publicNumberLines(shownNumbers) : []),
          ...reservedLines(key, uses, folder, told.proofs),
          `verifying   ${file} (${formatBytes(verifyingKeyBytes)}): give it to whoever verifies`,
          `proving     ${formatBytes(provingKeyBytes)} stay in ${folder}`,
          `next        assay prove ${folder} --input input.json -o run.receipt`,
        ].join('\n'),
      };
    } finally {
      await running.close();
    }
  } finally {
    bundle.close();
  }
}
