import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { encodeConfig, type ProcessConfig } from './process-config.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
/** Inside the package, so that what stays outside the bundle is found. */
const SCRIPT = join(HERE, '../../dist/e2e/daemon.mjs');

/** Everything but the project's own packages is loaded, not bundled. */
const outside: Plugin = {
  name: 'outside',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^[^./]/ }, ({ path }) =>
      path.startsWith('@assay/') ? undefined : { path, external: true },
    );
  },
};

/** The daemon from source, as one file that Node can run. */
export async function bundleDaemon(): Promise<void> {
  await build({
    entryPoints: [join(HERE, 'daemon-main.ts')],
    outfile: SCRIPT,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@assay/source'],
    plugins: [outside],
    logLevel: 'error',
  });
}

/** One line of a daemon's log. */
export type LogLine = Readonly<Record<string, unknown>>;

export interface DaemonProcess {
  readonly child: ChildProcess;
  readonly lines: readonly LogLine[];
  /** Resolves with the first line, from now on or before, that fits. */
  line(fits: (line: LogLine) => boolean, timeoutMs?: number): Promise<LogLine>;
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>;
  /** Asks it to stop. @returns its exit code */
  stop(): Promise<number | null>;
}

let files = 0;

/** Starts a daemon as a process of its own. */
export function spawnDaemon(config: ProcessConfig): DaemonProcess {
  mkdirSync(config.folder, { recursive: true });
  const path = join(config.folder, `config-${files++}.json`);
  writeFileSync(path, encodeConfig(config));
  const child = spawn(process.execPath, [SCRIPT, path], { stdio: ['ignore', 'pipe', 'inherit'] });
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
  const lines: LogLine[] = [];
  const waiting = new Set<(line: LogLine) => void>();
  let rest = '';
  child.stdout.on('data', (data: Uint8Array) => {
    const parts = (rest + new TextDecoder().decode(data)).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (process.env['ASSAY_TEST_LOG'] !== undefined) process.stderr.write(`${part}\n`);
      const line = JSON.parse(part) as LogLine;
      lines.push(line);
      for (const tell of waiting) tell(line);
    }
  });
  return {
    child,
    lines,
    line: (fits, timeoutMs = 60_000) =>
      new Promise((done, failed) => {
        const known = lines.find(fits);
        if (known !== undefined) {
          done(known);
          return;
        }
        const timer = setTimeout(() => {
          waiting.delete(look);
          failed(new Error(`no such line within ${timeoutMs} ms`));
        }, timeoutMs);
        const look = (line: LogLine): void => {
          if (!fits(line)) return;
          clearTimeout(timer);
          waiting.delete(look);
          done(line);
        };
        waiting.add(look);
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return exited;
    },
  };
}
