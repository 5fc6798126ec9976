import { axisBits, totalBits } from '../shape/dimensions.ts';

/** A box of a tensor in power-of-two storage: along axis j the real positions [start_j, start_j + length_j), padded to 2^bits_j. */
export interface Block {
  readonly start: readonly number[];
  readonly length: readonly number[];
  readonly bits: readonly number[];
  /** log2 of the storage size: Σ bits. */
  readonly size: number;
}

interface Piece {
  readonly start: number;
  readonly length: number;
}

/** Cost of one more block, in elements of padding: every block is a weight of its own in each claim. */
const BLOCK_COST = 64;

/** 768 = 512 + 256; a rest whose padding wastes at most 1/8 is padded up. */
function splitAxis(length: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  for (let rest = length; rest > 0; ) {
    const up = 2 ** axisBits(rest);
    const piece = (up - rest) * 8 <= up ? rest : up / 2;
    pieces.push({ start, length: piece });
    start += piece;
    rest -= piece;
  }
  return pieces;
}

function cost(axes: readonly (readonly Piece[])[]): number {
  let size = 1;
  let blocks = 1;
  for (const pieces of axes) {
    size *= pieces.reduce((sum, piece) => sum + 2 ** axisBits(piece.length), 0);
    blocks *= pieces.length;
  }
  return size + BLOCK_COST * blocks;
}

/** The pieces of each axis: padded up or split, whichever costs less, greedily. */
function tileAxes(shape: readonly number[]): readonly (readonly Piece[])[] {
  let axes: (readonly Piece[])[] = shape.map((length) => [{ start: 0, length }]);
  for (;;) {
    let best = axes;
    for (const [axis, length] of shape.entries()) {
      if ((axes[axis]?.length ?? 0) > 1) continue;
      const candidate = axes.map((pieces, i) => (i === axis ? splitAxis(length) : pieces));
      if (cost(candidate) < cost(best)) best = candidate;
    }
    if (best === axes) return axes;
    axes = best;
  }
}

/** Number of blocks that `tile` gives, without making them. */
export function blockCount(shape: readonly number[]): number {
  return tileAxes(shape).reduce((count, pieces) => count * pieces.length, 1);
}

/**
 * Aligned power-of-two blocks that tile a shape: every axis padded up or split, whichever costs less
 * (greedily, deterministic: part of the protocol).
 */
export function tile(shape: readonly number[]): readonly Block[] {
  let boxes: Piece[][] = [[]];
  for (const pieces of tileAxes(shape))
    boxes = boxes.flatMap((box) => pieces.map((piece) => [...box, piece]));
  return boxes.map((box) => {
    const length = box.map((piece) => piece.length);
    return {
      start: box.map((piece) => piece.start),
      length,
      bits: length.map(axisBits),
      size: totalBits(length),
    };
  });
}

/** A block cut in two along its first axis of more than one place. */
export function halve<T extends Block>(block: T): readonly [T, T] {
  const axis = block.bits.findIndex((bits) => bits > 0);
  const half = 2 ** ((block.bits[axis] ?? 0) - 1);
  const part = (from: number, to: number): T => {
    const place = (old: readonly number[], value: number): readonly number[] =>
      old.map((v, a) => (a === axis ? value : v));
    const length = place(block.length, to - from);
    const start = place(block.start, (block.start[axis] ?? 0) + from);
    const bits = place(block.bits, axisBits(to - from));
    return { ...block, start, length, bits, size: bits.reduce((sum, b) => sum + b, 0) };
  };
  return [part(0, half), part(half, block.length[axis] ?? 1)];
}
