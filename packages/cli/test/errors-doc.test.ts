import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');

const sources = readdirSync(join(root, 'packages'))
  .flatMap((name) =>
    readdirSync(join(root, 'packages', name, 'src'), { recursive: true, encoding: 'utf8' }).map(
      (file) => join(root, 'packages', name, 'src', file),
    ),
  )
  .filter((file) => file.endsWith('.ts') && !/\/(testing|generated|assembly)\//.test(file));
const product = sources.filter((file) => !file.endsWith('.test.ts'));
const read = (files: string[]) => files.map((file) => readFileSync(file, 'utf8')).join('\n');
const found = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))].toSorted((a, b) =>
    a < b ? -1 : 1,
  );

const PARTS =
  'argument|commitment|evidence|key|logup|manifest|merkle|program|proof|receipt|seal|security|statement|sumcheck|trace|values|verdict|whir';
const code = read(product);
/** Names of the environment look the same. */
const environment = found(code, /env\['(ASSAY_[A-Z_]+)'\]/g);
const codes = found(code, /'(ASSAY_[A-Z_]+)'/g).filter((name) => !environment.includes(name));
const kinds = found(code, new RegExp(`'((?:${PARTS})/[a-z-]+)'`, 'g'));

describe('docs/errors.md', () => {
  test('lists every code of the sources, and no other', () => {
    expect(found(page, /^\| `(ASSAY_[A-Z_]+)` \|/gm)).toEqual(codes);
  });
  test('lists every kind of rejection of the sources, and no other', () => {
    expect(found(page, /^\| `([a-z]+\/[a-z-]+)` \|/gm)).toEqual(kinds);
  });
  test('the sources have kinds of every part', () => {
    for (const part of PARTS.split('|')) {
      expect(
        kinds.some((kind) => kind.startsWith(`${part}/`)),
        part,
      ).toBe(true);
    }
  });
});
