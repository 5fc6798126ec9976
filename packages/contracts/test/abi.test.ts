import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { namedHash, published } from '../scripts/build-abi.mjs';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src/abi');

describe('generated ABI', () => {
  const contracts = published();

  it.each(contracts.map(({ name, file, hash }) => ({ name, file, hash })))(
    '$name comes from the Solidity that stands (else: node packages/contracts/scripts/build-abi.mjs)',
    ({ file, hash }) => {
      expect(existsSync(file)).toBe(true);
      expect(namedHash(file)).toBe(hash);
    },
  );

  it('has no file of a contract that is not there', () => {
    const expected = contracts.map(({ file }) => file);
    const found = readdirSync(folder).map((name) => join(folder, name));
    expect(new Set(found)).toEqual(new Set([...expected, join(folder, 'index.ts')]));
  });
});
