import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ArtefactStore } from './artefact-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-store-'));
const small = join(folder, 'small');
mkdirSync(small);
// A disk of 64 KiB needs the right to mount one.
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small]).status === 0;
afterAll(() => {
  if (mounted) spawnSync('umount', [small]);
  rmSync(folder, { recursive: true });
});

test('what a power cut has emptied is not here, and can be put again', () => {
  const store = new ArtefactStore(join(folder, 'quick'));
  const bytes = new Uint8Array(100).fill(7);
  const name = store.put(bytes, false);
  expect(store.get(name)).toEqual(bytes);
  // Renamed, and its content not yet on the disk.
  truncateSync(join(store.folder, name));
  expect(store.get(name)).toBeNull();
  expect(store.put(bytes)).toBe(name);
  expect(store.get(name)).toEqual(bytes);
});

describe.skipIf(!mounted)('a disk that is full', () => {
  test('leaves no half of an artefact, and takes the next that fits', () => {
    const store = new ArtefactStore(join(small, 'store'));
    const first = store.put(new Uint8Array(20_000).fill(1));
    expect(() => store.put(new Uint8Array(100_000).fill(2))).toThrow(
      expect.objectContaining({ code: 'ASSAY_DISK_FULL' }),
    );
    expect(readdirSync(store.folder)).toEqual([first]);
    const next = store.put(new Uint8Array(20_000).fill(3));
    expect(store.get(next)?.length).toBe(20_000);
    expect(store.get(first)?.length).toBe(20_000);
  });
});
