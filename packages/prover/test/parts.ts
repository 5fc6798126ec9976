import { logupMessages } from '@assay/core/lookup';
import { siblingCount } from '@assay/core/merkle';
import { finalVariables, oracleShapes } from '@assay/core/pcs';
import { sumcheckElements } from '@assay/core/sumcheck';
import { type Argument, secretOperands } from '@assay/verifier';

/** What a run of words of a proof is. */
export type Kind =
  /** Magic and version, nonces: the same or a function of the rest. */
  | 'fixed'
  | 'digest'
  | 'salt'
  /** Coordinates of elements of K. */
  | 'element'
  /** An operand that reads nothing secret, in the clear. */
  | 'public element'
  /** Words of opened rows, of F. */
  | 'row';

export interface Part {
  readonly name: string;
  readonly kind: Kind;
  /** In words of four bytes. */
  readonly at: number;
  readonly words: number;
}

/**
 * The parts of a proof, of the hiding profile, with these indices opened: lengths follow from the
 * parameters and from them, and from nothing else.
 */
export function partsOf(argument: Argument, indices: readonly (readonly number[])[]): Part[] {
  const { key, layout, system, pads } = argument;
  const { whir, lookupPowBits, batchPowBits } = key.parameters;
  const parts: Part[] = [];
  let at = 0;
  const add = (name: string, kind: Kind, words: number): void => {
    if (words > 0) parts.push({ name, kind, at, words });
    at += words;
  };
  const elements = (name: string, count: number): void => add(name, 'element', 5 * count);
  const nonce = (bits: number): void => add('nonce', 'fixed', bits === 0 ? 0 : 2);
  add('header', 'fixed', 3);
  add('witness root', 'digest', 8);
  elements('out-of-domain answer', whir.oodSamples[0] ?? 0);
  const { lookups, einsums } = system;
  if (lookups.total > 0) {
    nonce(lookupPowBits);
    elements("root's denominator", 1);
    elements('message of LogUp', logupMessages(lookups.variables));
  }
  if (einsums.instances.length > 0) {
    elements('C', 1);
    elements('round of the sumcheck', sumcheckElements(einsums.innerVariables, einsums.degree));
    for (const instance of einsums.instances) {
      for (const secret of secretOperands(system, instance)) {
        if (secret) elements('operand', 1);
        else add('public operand', 'public element', 5);
      }
    }
  }
  elements('product', pads.products);
  elements('opened operand of a product', 2 * pads.products);
  nonce(batchPowBits);

  const salted = key.visibility.weights.kind === 'hidden';
  const slots = [
    { name: 'model', columns: layout.model.columns, salted },
    ...layout.ports.map(({ columns }) => ({ name: 'port', columns, salted: true })),
    { name: 'witness', columns: layout.witness.columns, salted: true },
  ];
  const shapes = oracleShapes(whir);
  const open = (oracle: number): void => {
    const shape = shapes[oracle];
    const opened = indices[oracle] ?? [];
    if (shape === undefined) return;
    nonce(shape.queryPowBits);
    const siblings = 8 * siblingCount(shape.logDomain, opened);
    if (oracle > 0) {
      for (const _ of opened) add('row of a later oracle', 'row', 5 * 2 ** shape.folding);
      add('sibling of a later oracle', 'digest', siblings);
      return;
    }
    for (const [i, slot] of slots.entries()) {
      for (const _ of opened) {
        if (slot.salted) add(`salt of the ${slot.name}`, 'salt', 8);
        add(`row of the ${slot.name}`, 'row', slot.columns);
        if (i === slots.length - 1) add('row of R', 'row', 5);
      }
      add(`sibling of the ${slot.name}`, 'digest', siblings);
    }
  };
  const rounds = (name: string, count: number, bits: number): void => {
    for (let round = 0; round < count; round++) {
      elements(name, 2);
      nonce(bits);
    }
  };
  for (const [i, shape] of shapes.entries()) {
    if (i === 0) elements("mask's sum", 1);
    rounds(i === 0 ? 'masked round' : 'later round', shape.folding, shape.foldPowBits);
    if (i === 0) {
      for (const name of ['E', 'D', "b'"]) elements(name, 1);
      nonce(whir.blinding?.powBits ?? 0);
    }
    const next = shapes[i + 1];
    if (next === undefined) break;
    add('later root', 'digest', 8);
    elements('later answer', next.oodSamples);
    open(i);
  }
  elements('final polynomial', 2 ** finalVariables(whir));
  open(shapes.length - 1);
  rounds('last round', finalVariables(whir), 0);
  return parts;
}

/** Words of a proof. */
export function wordsOf(proof: Uint8Array): Uint32Array {
  const view = new DataView(proof.buffer, proof.byteOffset, proof.byteLength);
  return Uint32Array.from({ length: proof.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}
