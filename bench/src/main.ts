import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgress, type Progress, silent } from '@assay/cli/ui';
import { startEngine } from './connected.ts';
import { compareKernels, renderComparisons } from './kernels/compare.ts';
import { compileYardstick } from './kernels/yardstick.ts';
import { provenance } from './machine.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { type BenchRow, renderProvenance, renderRows, renderShares } from './report.ts';
import { inProcess, nameOf, runAsTask, type TaskContext } from './tasks.ts';

/** Elements of the vectors that kernels are timed on: they fit a core's cache. */
const KERNEL_SIZE = 2 ** 14;
const ROUND_MS = 200;

const nowMs = (): number => performance.now();

async function measure(
  model: TaskContext['model'],
  options: Options,
  progress: Progress,
): Promise<BenchRow> {
  const { runs, threads, securityBits } = options;
  const parent = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const context = { model, folder: join(parent, 'bundle'), securityBits, threads, runs };
  const name = nameOf(context);
  const step = async <T>(label: string, work: Promise<T>): Promise<T> => {
    progress.update(`${name}: ${label}`, 0, 0);
    const result = await work;
    progress.end();
    return result;
  };
  try {
    const compile = await step('compile', inProcess('compile', context));
    const setup = await step('setup', inProcess('setup', context));
    const once = await step('prove once', inProcess('proveOnce', context));
    const { value: timings } = await step('time', inProcess('time', context));
    const { value: accuracy } = await step('score', inProcess('score', context));
    const { value: profile } = await step('profile', inProcess('profile', context));
    const { inferMs, proveMs, verifyMs } = timings;
    return {
      model: name,
      compileMs: compile.value.ms,
      setupMs: setup.value.ms,
      proveMs: proveMs.median,
      verifyMs: verifyMs.median,
      inferMs: inferMs.median,
      proofBytes: timings.proofBytes,
      ...setup.value.sizes,
      peakMemoryBytes: once.peakBytes,
      setupPeakMemoryBytes: setup.peakBytes,
      securityBits: timings.securityBits,
      zk: timings.zk,
      threads: timings.threads,
      accuracy,
      proveOverInfer: proveMs.median / inferMs.median,
      runs,
      spread: { inferMs, proveMs, verifyMs },
      stages: timings.stages,
      kernels: profile.operations,
      profiledMs: profile.proveMs,
      ...provenance(),
    };
  } finally {
    rmSync(parent, { recursive: true, force: true });
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
  if (options.kernels) await mainOfKernels(options.json);
  const progress = options.json ? silent : createProgress(process.stderr, nowMs);
  const rows: BenchRow[] = [];
  let failures = 0;
  for (const target of options.targets) {
    try {
      const row = await measure(target, options, progress);
      rows.push(row);
      if (options.json) console.log(JSON.stringify(row));
    } catch (error) {
      failures += 1;
      progress.end('failed');
      console.error(error instanceof Error ? error.message : String(error));
    }
  }
  const [first] = rows;
  if (!options.json && first !== undefined) {
    console.log(`\n${renderRows(rows)}\n\n${rows.map(renderShares).join('\n\n')}`);
    console.log(`\n${renderProvenance(first)}`);
  }
  return failures === 0 ? 0 : 1;
}

const args = process.argv.slice(2);
if (!(await runAsTask(args))) process.exitCode = await main(args);
