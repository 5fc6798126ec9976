import { fork } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError } from '@assay/core/errors';
import { caseNamed, fileCase, type LoadedCase } from './cases/index.ts';
import { connectedPipeline } from './connected.ts';
import { scoreSession, type Timings, timeSessions, WARM_RUNS } from './harness.ts';
import { type EngineProfile, type OperationTime, profileEngine } from './kernels/profile.ts';
import type { Session, SetUp } from './pipeline.ts';
import type { ProfileName } from './profiles.ts';
import type { Accuracy } from './score/accuracy.ts';

/** What a task needs to know; passed to a process of its own as JSON. */
export interface TaskContext {
  readonly model:
    | { readonly kind: 'case'; readonly name: string }
    | {
        readonly kind: 'file';
        readonly path: string;
        readonly samples: string;
        readonly input: string;
      };
  /** Of bundles: those that are compiled, and one for each profile. */
  readonly folder: string;
  /** Those that are measured together, and the one that a task is about. */
  readonly profiles: readonly ProfileName[];
  readonly profile: ProfileName;
  /** Proofs that hidden weights are to be good for. */
  readonly proofs: number;
  readonly securityBits: number;
  readonly threads: number;
  readonly runs: number;
}

/** Each step of a measurement by name; each runs in a process of its own. */
export interface Tasks {
  compile(context: TaskContext): Promise<{ ms: number }>;
  setup(context: TaskContext): Promise<SetUp & { ms: number }>;
  /** One proof and nothing else: what memory it takes. */
  proveOnce(context: TaskContext): Promise<null>;
  /** Of all profiles, in their order. */
  time(context: TaskContext): Promise<Timings[]>;
  score(context: TaskContext): Promise<Accuracy>;
  /** Times of the engine's operations in one proof that takes `proveMs`. */
  profile(context: TaskContext): Promise<{ proveMs: number; operations: OperationTime[] }>;
}

/** Proofs of a profile in a measurement besides those that are timed. */
export const OTHER_PROOFS: number = 2 * WARM_RUNS + 4;

const nowMs = (): number => performance.now();

const tasks: Tasks = {
  async compile(context) {
    const { model, calibration } = load(context);
    const start = nowMs();
    const request = { name: nameOf(context), model, samples: calibration };
    const folder = compiledFolder(context.folder, 'plain');
    await connectedPipeline.compile({ ...request, folder, privateWeights: false });
    const ms = nowMs() - start;
    if (context.profiles.includes('zk-private')) {
      const own = compiledFolder(context.folder, 'zk-private');
      await connectedPipeline.compile({ ...request, folder: own, privateWeights: true });
    }
    return { ms };
  },
  async setup(context) {
    const folder = bundleOf(context);
    cpSync(compiledFolder(context.folder, context.profile), folder, { recursive: true });
    const start = nowMs();
    const made = await connectedPipeline.setup({ ...context, folder });
    return { ms: nowMs() - start, ...made };
  },
  async proveOnce(context) {
    await withSession(context, (session) => session.prove(firstInput(load(context))));
    return null;
  },
  async time(context) {
    const { profiles, threads, runs } = context;
    const folders = profiles.map((profile) => bundleOf({ ...context, profile }));
    const sessions = await connectedPipeline.openTogether(folders, threads);
    try {
      return await timeSessions(sessions, firstInput(load(context)), runs, nowMs);
    } finally {
      for (const session of sessions) await session.close();
    }
  },
  score: (context) =>
    withSession(context, (session) => scoreSession(connectedPipeline, session, load(context))),
  async profile(context) {
    const inputs = firstInput(load(context));
    let profile: EngineProfile | undefined;
    const session = await connectedPipeline.open(bundleOf(context), context.threads, (engine) => {
      profile = profileEngine(engine, nowMs);
      return profile.engine;
    });
    for (let run = 0; run < WARM_RUNS; run++) await session.prove(inputs);
    profile?.reset();
    const start = nowMs();
    await session.prove(inputs);
    const proveMs = nowMs() - start;
    await session.close();
    return { proveMs, operations: profile?.times() ?? [] };
  },
};

async function withSession<T>(
  context: TaskContext,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await connectedPipeline.open(bundleOf(context), context.threads);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** Programs of weights that will be hidden are others. */
function compiledFolder(folder: string, profile: ProfileName): string {
  return join(folder, profile === 'zk-private' ? 'compiled-private' : 'compiled');
}

function bundleOf({ folder, profile }: TaskContext): string {
  return join(folder, profile);
}

function load({ model }: TaskContext): LoadedCase {
  return model.kind === 'case'
    ? caseNamed(model.name).load()
    : fileCase(model.path, model.samples, model.input).load();
}

export function nameOf({ model }: TaskContext): string {
  return model.kind === 'case' ? model.name : fileCase(model.path, model.samples, model.input).name;
}

function firstInput({ scored }: LoadedCase): LoadedCase['scored'][number] {
  const [first] = scored;
  if (first === undefined) {
    throw new AssayError({ code: 'ASSAY_BENCH_SAMPLES', shortMessage: 'There is no sample.' });
  }
  return first;
}

type Message<T> =
  | { readonly ok: true; readonly value: T; readonly peakBytes: number }
  | { readonly ok: false; readonly message: string };

const TASK_FLAG = '--task';

/**
 * Runs a task in a process of its own and says how much memory that took at most.
 *
 * @throws {AssayError} ASSAY_BENCH_TASK with what the task said
 */
export function inProcess<N extends keyof Tasks>(
  name: N,
  context: TaskContext,
): Promise<{ value: Awaited<ReturnType<Tasks[N]>>; peakBytes: number }> {
  type Value = Awaited<ReturnType<Tasks[N]>>;
  return new Promise((resolve, reject) => {
    const fail = (details: string): void => {
      const shortMessage = `${nameOf(context)}: ${name} failed.`;
      reject(new AssayError({ code: 'ASSAY_BENCH_TASK', shortMessage, details }));
    };
    const entry = process.argv[1] ?? '';
    const child = fork(entry, [TASK_FLAG, name, JSON.stringify(context)], { stdio: 'inherit' });
    child.once('message', (message: Message<Value>) => {
      if (message.ok) resolve({ value: message.value, peakBytes: message.peakBytes });
      else fail(message.message);
    });
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`the process ended with ${signal ?? code}`));
  });
}

/** True when this process was started for a task, which it then has done. */
export async function runAsTask(args: readonly string[]): Promise<boolean> {
  const [flag, name = '', context = ''] = args;
  if (flag !== TASK_FLAG) return false;
  let message: Message<unknown>;
  try {
    const task = tasks[name as keyof Tasks];
    const value = await task(JSON.parse(context) as TaskContext);
    message = { ok: true, value, peakBytes: process.resourceUsage().maxRSS * 1024 };
  } catch (error) {
    message = { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
  process.send?.(message, () => process.disconnect());
  return true;
}
