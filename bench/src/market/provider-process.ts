import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError } from '@assay/core/errors';
import type { Hex } from 'viem';
import { type DaemonConfig, encodeConfig } from './daemon-config.ts';

/** A provider's daemon in a process of its own. */
export interface ProviderProcess {
  readonly name: string;
  readonly address: Hex;
  readonly url: string;
  /** File that its log goes to. */
  readonly log: string;
  readonly process: ChildProcess;
  /** Asks it to stop, and waits. @returns its exit code */
  stop(): Promise<number | null>;
}

const START_MS = 120_000;

/** Starts a daemon and waits until it listens. @throws {AssayError} ASSAY_BENCH_NODE */
export async function startProvider(
  script: string,
  name: string,
  address: Hex,
  config: DaemonConfig,
): Promise<ProviderProcess> {
  mkdirSync(config.folder, { recursive: true });
  const path = join(config.folder, 'config.json');
  writeFileSync(path, encodeConfig(config), { mode: 0o600 });
  const log = join(config.folder, 'log.jsonl');
  const file = openSync(log, 'a');
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', file] });
  closeSync(file);
  const killWithUs = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killWithUs);
  const exited = new Promise<number | null>((done) => {
    child.once('exit', (code) => {
      process.off('exit', killWithUs);
      done(code);
    });
  });
  const url = await new Promise<string>((done, failed) => {
    const fail = (): void => {
      child.kill('SIGKILL');
      const details = existsSync(log) ? readFileSync(log, 'utf8').slice(-2000) : '';
      const shortMessage = `${name} did not start.`;
      failed(new AssayError({ code: 'ASSAY_BENCH_NODE', shortMessage, details }));
    };
    const timer = setTimeout(fail, START_MS);
    let said = '';
    child.stdout?.on('data', (data: Uint8Array) => {
      said += new TextDecoder().decode(data);
      if (!said.includes('\n')) return;
      clearTimeout(timer);
      done(said.trim());
    });
    child.once('exit', () => {
      clearTimeout(timer);
      fail();
    });
  });
  return {
    name,
    address,
    url,
    log,
    process: child,
    stop: () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return exited;
    },
  };
}

/** Peak of a process's resident memory so far, in bytes; null where /proc has none. */
export function peakMemory(pid: number | undefined): number | null {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  } catch {
    return null;
  }
}

/** Sum of a metric over its labels; of those series that `labels` is part of. */
export function metricSum(exposition: string, name: string, labels = ''): number {
  return exposition
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

export async function metricsOf({ url }: Pick<ProviderProcess, 'url'>): Promise<string> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(30_000) });
  return response.text();
}
