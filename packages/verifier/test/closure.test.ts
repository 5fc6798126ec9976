import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brokenImportRules, closureOf, importsOf } from '../../../scripts/check-imports.mjs';

const entry = 'packages/verifier/src/index.ts';

describe('imports', () => {
  it('go downwards only, to declared dependencies, and to Node modules only where the code runs in Node', () => {
    expect(brokenImportRules()).toEqual([]);
  });
});

describe("the verifier's closure", () => {
  const closure = (): { files: string[]; externals: string[] } => closureOf(entry);

  it('needs nothing from outside but hashes, curves and CBOR', () => {
    const allowed = ['@noble/curves', '@noble/hashes', 'cborg'];
    expect(closure().externals.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  it('lies in verifier, program and core, and runs no kernel and no prover', () => {
    const outside = closure().files.filter(
      (file) =>
        !/^packages\/(core|program|verifier)\/src\//.test(file) ||
        /\/(kernels|generated)\/|\/engine\/|prover/.test(file),
    );
    expect(outside).toEqual([]);
  });
});

describe('the import rules', () => {
  it('read every form of import, and tell types from values', () => {
    const source = `
      import { a } from './a.ts'; // import { x } from './x.ts'
      /* import './y.ts' */
      import type { B } from "./b.ts";
      export {
        c,
      } from './c.ts';
      import './d.ts';
      const e = (await import('./e.ts')) as typeof import('./z.ts');
      export * from './f.ts';
    `;
    expect(importsOf(source)).toEqual([
      { specifier: './a.ts', typeOnly: false },
      { specifier: './b.ts', typeOnly: true },
      { specifier: './c.ts', typeOnly: false },
      { specifier: './d.ts', typeOnly: false },
      { specifier: './e.ts', typeOnly: false },
      { specifier: './f.ts', typeOnly: false },
    ]);
  });

  it('name each import that breaks one', () => {
    const root = mkdtempSync(join(tmpdir(), 'assay-imports-'));
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    write(
      'packages/core/package.json',
      '{"exports":{"./field":{"@assay/source":"./src/field.ts"}}}',
    );
    write(
      'packages/core/src/field.ts',
      `import 'node:fs'; import '../../verifier/src/index.ts'; import './other'; import 'left-pad';
       import type { V } from '@assay/verifier';`,
    );
    write('packages/verifier/package.json', '{"dependencies":{"@assay/core":"1"}}');
    write('packages/verifier/src/index.ts', "import '@assay/core/field';");
    expect(brokenImportRules(root)).toEqual([
      "packages/core/src/field.ts: 'node:fs' is a Node module: this code runs in browsers too",
      "packages/core/src/field.ts: '../../verifier/src/index.ts' leaves its package: import the package by name",
      "packages/core/src/field.ts: './other' names no file: endings are written",
      "packages/core/src/field.ts: 'left-pad' is not among the dependencies in package.json",
      "packages/core/src/field.ts: '@assay/verifier' is not below @assay/core",
    ]);
    write('packages/core/src/field.ts', "import type { A } from './a.ts'; import 'left-pad';");
    expect(closureOf('packages/verifier/src/index.ts', root)).toEqual({
      files: ['packages/core/src/field.ts', 'packages/verifier/src/index.ts'],
      externals: ['left-pad'],
    });
  });
});
