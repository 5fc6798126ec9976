import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Bundles the command from source into `folder`: what is tested is what is written, built or not. */
export async function bundleCli(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  // What is not bundled is found where the bundle lies.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  await build({
    entryPoints: [join(root, 'packages/cli/src/main.ts')],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@assay/source'],
    external: ['onnxruntime-node'],
    banner: {
      js: `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(${JSON.stringify(join(root, 'packages/compiler/package.json'))});`,
    },
    logLevel: 'error',
  });
  return join(folder, 'main.mjs');
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Standard output as JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Runs the command to its end. */
export function assay(script: string, args: readonly string[], input?: Uint8Array | string): Ended {
  const ended = spawnSync(process.execPath, [script, ...args], {
    input: input ?? '',
    maxBuffer: 2 ** 28,
    timeout: 100_000,
  });
  const out = ended.stdout.toString('utf8');
  return {
    code: ended.status,
    out,
    err: ended.stderr.toString('utf8'),
    get json() {
      return JSON.parse(out) as Readonly<Record<string, unknown>>;
    },
  };
}

/** Starts the command and kills it as soon as `when` sees enough of its standard error. */
export function killed(
  script: string,
  args: readonly string[],
  signal: 'SIGKILL' | 'SIGINT',
  when: (err: string) => boolean,
): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString('utf8');
      if (when(err)) child.kill(signal);
    });
    child.on('exit', (_, by) => resolve(by));
  });
}
