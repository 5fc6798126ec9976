import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProgress, type Progress, silent } from '@assay/cli/ui';
import { DEFAULT_PROOFS } from '@assay/prover';
import { caseNamed } from './cases/index.ts';
import { startEngine } from './connected.ts';
import { compareKernels, renderComparisons } from './kernels/compare.ts';
import { compileYardstick } from './kernels/yardstick.ts';
import { provenance } from './machine.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { renderMarkdown } from './markdown.ts';
import type { ProfileName } from './profiles.ts';
import { type BenchRow, overPlain } from './row.ts';
import { renderOverPlain, renderProvenance, renderRows, renderShares } from './report.ts';
import { inProcess, nameOf, OTHER_PROOFS, runAsTask, type TaskContext } from './tasks.ts';

/** Elements of the vectors that kernels are timed on: they fit a core's cache. */
const KERNEL_SIZE = 2 ** 14;
const ROUND_MS = 200;

const nowMs = (): number => performance.now();

/** A row for each profile. */
async function measure(
  model: TaskContext['model'],
  options: Options,
  progress: Progress,
): Promise<BenchRow[]> {
  const { runs, threads, securityBits, profiles } = options;
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const proofs = Math.max(DEFAULT_PROOFS, runs + OTHER_PROOFS);
  const context = { model, folder, profiles, proofs, securityBits, threads, runs };
  const plain: TaskContext = { ...context, profile: 'plain' };
  const name = nameOf(plain);
  const step = async <T>(label: string, work: Promise<T>): Promise<T> => {
    progress.update(`${name}: ${label}`, 0, 0);
    const result = await work;
    progress.end();
    return result;
  };
  const of = (label: string, profile: ProfileName): string =>
    profiles.length === 1 ? label : `${label}, ${profile}`;
  try {
    const compile = await step('compile', inProcess('compile', plain));
    const commitments = [];
    for (const profile of profiles) {
      const own: TaskContext = { ...context, profile };
      const setup = await step(of('setup', profile), inProcess('setup', own));
      const once = await step(of('prove once', profile), inProcess('proveOnce', own));
      commitments.push({ own, setup, once });
    }
    const { value: timings } = await step('time', inProcess('time', plain));
    const { value: publicAccuracy } = await step('score', inProcess('score', plain));
    const rows: BenchRow[] = [];
    for (const [i, { own, setup, once }] of commitments.entries()) {
      const timed = timings[i];
      if (timed === undefined) continue;
      const { profile } = own;
      // Weights that are to be hidden make another program.
      const accuracy =
        profile === 'zk-private'
          ? (await step(of('score', profile), inProcess('score', own))).value
          : publicAccuracy;
      const { value: profiled } = await step(of('profile', profile), inProcess('profile', own));
      const { inferMs, proveMs, verifyMs, verifyPreparedMs, proveCpuMs, verifyCpuMs } = timed;
      const { sizes, registration, parameters, ms: setupMs } = setup.value;
      const row: Omit<BenchRow, 'overPlain'> = {
        model: name,
        profile,
        hidden: timed.hidden,
        parameters,
        compileMs: compile.value.ms,
        setupMs,
        proveMs: proveMs.median,
        verifyMs: verifyMs.median,
        verifyPreparedMs: verifyPreparedMs.median,
        inferMs: inferMs.median,
        proveCpuMs: proveCpuMs.median,
        verifyCpuMs: verifyCpuMs.median,
        proofBytes: timed.proofBytes,
        ...sizes,
        peakMemoryBytes: once.peakBytes,
        setupPeakMemoryBytes: setup.peakBytes,
        securityBits: timed.securityBits,
        zk: timed.zk,
        threads: timed.threads,
        accuracy,
        proveOverInfer: proveMs.median / inferMs.median,
        registration:
          registration === null
            ? null
            : {
                setupMs: registration.ms,
                proofBytes: registration.proofBytes,
                verifyModelMs: timed.verifyModelMs?.median ?? 0,
                reservedProofs: proofs,
              },
        runs,
        spread: { inferMs, proveMs, verifyMs, verifyPreparedMs },
        stages: timed.stages,
        kernels: profiled.operations,
        profiledMs: profiled.proveMs,
        ...provenance(),
      };
      rows.push({ ...row, overPlain: overPlain(row, rows[0], timed.overFirst) });
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `npm run bench -- kernels`: the engine's kernels on one thread beside the yardstick's. */
async function mainOfKernels(json: boolean): Promise<void> {
  const yardstick = await compileYardstick();
  const { engine, close } = await startEngine(1);
  const comparisons = compareKernels(yardstick, engine, KERNEL_SIZE, ROUND_MS, nowMs);
  await close();
  if (!json) console.log(`${renderComparisons(comparisons)}\n`);
  else for (const comparison of comparisons) console.log(JSON.stringify(comparison));
}

/** The one whose run takes least time: the market's part is measured, not the model's. */
const MARKET_MODEL = 'breast-cancer-mlp';

/** `npm run bench -- market`: jobs through providers in processes of their own. */
async function mainOfMarket(jobs: number, json: boolean): Promise<void> {
  const { measureLoad, renderLoad } = await import('./market/index.ts');
  const progress = json ? silent : createProgress(process.stderr, nowMs);
  const figures = await measureLoad({
    jobs,
    name: MARKET_MODEL,
    model: caseNamed(MARKET_MODEL).load(),
    script: fileURLToPath(new URL('./market/daemon-main.js', import.meta.url)),
    onProgress: (stage, done, of) => {
      progress.update(`market: ${stage}`, done, of);
    },
  });
  progress.end();
  const where = provenance();
  if (json) console.log(JSON.stringify({ ...figures, ...where }));
  else
    console.log(
      `\n${renderLoad(figures)}\n\n${where.machine}; Node ${where.node}; commit ${where.commit ?? '–'}`,
    );
}

async function main(args: readonly string[]): Promise<number> {
  let options: Options | null;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (options === null) {
    console.log(usage);
    return 0;
  }
  const { format } = options;
  if (options.kernels) await mainOfKernels(format === 'json');
  if (options.marketJobs !== null) await mainOfMarket(options.marketJobs, format === 'json');
  const progress = format === 'json' ? silent : createProgress(process.stderr, nowMs);
  const rows: BenchRow[] = [];
  let failures = 0;
  for (const target of options.targets) {
    try {
      for (const row of await measure(target, options, progress)) {
        rows.push(row);
        if (format === 'json') console.log(JSON.stringify(row));
      }
    } catch (error) {
      failures += 1;
      progress.end('failed');
      console.error(error instanceof Error ? error.message : String(error));
    }
  }
  const [first] = rows;
  if (format === 'markdown' && first !== undefined) console.log(renderMarkdown(rows));
  if (format === 'text' && first !== undefined) {
    const beside = rows.length > 1 && options.profiles.length > 1 ? [renderOverPlain(rows)] : [];
    const parts = [renderRows(rows), ...beside, ...rows.map(renderShares), renderProvenance(first)];
    console.log(`\n${parts.join('\n\n')}`);
  }
  return failures === 0 ? 0 : 1;
}

const args = process.argv.slice(2);
if (!(await runAsTask(args))) process.exitCode = await main(args);
