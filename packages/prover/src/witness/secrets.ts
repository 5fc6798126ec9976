import type { Engine, IntVec } from '@assay/core/engine';
import type { K } from '@assay/core/field';
import { blindPad } from '@assay/core/linear';
import { SALT_BYTES } from '@assay/core/merkle';
import { fillField, type Randomness } from '@assay/core/randomness';
import { padTensor, type Trace } from '@assay/program';
import type { Argument } from '@assay/verifier';
import { drawPads, padCells } from './pads.ts';

/** Columns of R in the witness leaf: one element of K a row. */
const BLINDING_COLUMNS = 5;

/** Everything random in one hiding proof. It serves one transcript. */
export interface Secrets {
  readonly pads: readonly K[];
  /** r of LogUp's fraction 0/r; null without lookups. */
  readonly blind: K | null;
  /** The pads as a tensor of the witness. */
  readonly values: Trace;
  /** Last rows of the witness columns, column after column. */
  readonly tails: Int32Array;
  /** R, in kernel memory. */
  readonly blinding: readonly IntVec[];
  /** One for each leaf of the witness tree, one after another. */
  readonly salts: Uint8Array;
}

/** Draws pads, tails, blinding columns and salts for one transcript. */
export function drawSecrets(engine: Engine, argument: Argument, randomness: Randomness): Secrets {
  const { layout, system, key } = argument;
  const pads = drawPads(argument.pads, randomness);
  const { columns, tailRows } = layout.witness;
  const tails = new Int32Array(columns * tailRows);
  fillField(randomness, tails);
  const blinding = Array.from({ length: BLINDING_COLUMNS }, () => {
    const column = engine.allocInt(2 ** layout.logRows);
    fillField(randomness, engine.ints(column));
    return column;
  });
  const leaves = 2 ** (layout.logRows + (key.parameters.whir.logInverseRates[0] ?? 0));
  return {
    pads,
    blind: argument.pads.blind ? (pads[blindPad(argument.pads)] ?? null) : null,
    values: new Map([[padTensor(system.program), padCells(pads)]]),
    tails,
    blinding,
    salts: randomness.bytes(SALT_BYTES * leaves),
  };
}
