import { InvalidArgumentError } from 'commander';

/** Provable bits of proofs, where nobody says otherwise. */
export const USUAL_SECURITY_BITS = 128;

/** Values of options, checked while the command line is read. All throw InvalidArgumentError: wrong usage. */

function integer(text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`Expected an integer from ${least} to ${most}.`);
}

export function threads(text: string): number {
  return integer(text, 1, 256);
}

export function bits(text: string): number {
  return integer(text, 2, 24);
}

export function outputBits(text: string): number {
  return integer(text, 2, 16);
}

/** A value of an option that may be repeated. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** Uses of a static root. */
export function proofs(text: string): number {
  return integer(text, 1, 1_000_000);
}

export function logRows(text: string): number {
  return integer(text, 1, 26);
}

export function rate(text: string): number {
  return integer(text, 1, 10);
}

export function securityBits(text: string): number {
  return integer(text, 1, 128);
}

export function margin(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 1 && value <= 1000) return value;
  throw new InvalidArgumentError('Expected a number from 1 to 1000.');
}

/** Collects NAME=LENGTH. */
export function dimension(
  text: string,
  before: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const [, name, length] = /^(.+)=(\d{1,9})$/.exec(text) ?? [];
  if (name === undefined || Number(length) < 1) {
    throw new InvalidArgumentError('Expected NAME=LENGTH.');
  }
  return { ...before, [name]: Number(length) };
}

/** How many of something. */
export function count(text: string): number {
  return integer(text, 1, 1_000_000);
}

export function port(text: string): number {
  return integer(text, 1, 65_535);
}

export function seconds(text: string): number {
  return integer(text, 1, 2_592_000);
}

/** A part of a whole. */
export function share(text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isFinite(value) && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a number from 0 to 1.');
}
