// Gas of each call: snapshots/gas.json, from what the gas tests (solidity/test/*Gas.t.sol) leave in
// snapshots/*.json. `node scripts/gas.mjs` measures and writes it; `--check` measures and compares.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { forge, root } from './forge.mjs';

export const file = join(root, 'snapshots/gas.json');
const groups = ['market', 'fraud'];
/** Figures beside a call's gas, by the suffix of their name. */
const figures = { ', new slots': 'newSlots', ', target': 'target', ', bytes': 'bytes' };

/** Before a run: calls that are no longer measured would stay. */
export function forget() {
  for (const group of groups) rmSync(join(root, `snapshots/${group}.json`), { force: true });
}

/**
 * The calls as the last run of the gas tests has left them: gas of a transaction of its own, slots filled
 * that were empty, bytes of calldata, and the target that the test holds it to.
 */
export function measured() {
  return Object.fromEntries(
    groups
      .filter((group) => existsSync(join(root, `snapshots/${group}.json`)))
      .map((group) => [
        group,
        byCall(JSON.parse(readFileSync(join(root, `snapshots/${group}.json`), 'utf8'))),
      ]),
  );
}

function byCall(values) {
  const calls = {};
  for (const [name, value] of Object.entries(values)) {
    const suffix = Object.keys(figures).find((end) => name.endsWith(end));
    const call = suffix === undefined ? name : name.slice(0, -suffix.length);
    calls[call] ??= {};
    calls[call][suffix === undefined ? 'gas' : figures[suffix]] = Number(value);
  }
  // The gas first, whatever its name sorts before.
  for (const [call, row] of Object.entries(calls)) calls[call] = { gas: row.gas, ...row };
  return calls;
}

/** What is in git. */
export function recorded() {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

/** The file's text. */
export function text(gas) {
  return `${JSON.stringify(gas, null, 2)}\n`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  forget();
  const { status, output } = await forge(['test', '--match-path', 'solidity/test/*Gas.t.sol']);
  if (status !== 0) {
    console.error(output);
    process.exit(status);
  }
  const now = text(measured());
  if (!process.argv.includes('--check')) {
    writeFileSync(file, now);
  } else if (!existsSync(file) || readFileSync(file, 'utf8') !== now) {
    console.error(`${file} differs from what the gas tests measure:\n${now}`);
    process.exit(1);
  }
}
