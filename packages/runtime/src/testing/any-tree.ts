import { tensorLeafHash, tensorNodeHash } from '@assay/program/trace';

/** A whole tree by its leaves, whatever they hold. */
export class AnyTree {
  readonly #leaves: readonly Uint8Array[];
  readonly #levels: readonly (readonly Uint8Array[])[];

  constructor(leaves: readonly Uint8Array[]) {
    this.#leaves = leaves;
    let level = leaves.map(tensorLeafHash);
    const levels = [level];
    while (level.length > 1) {
      const below = level;
      level = Array.from({ length: below.length / 2 }, (_, i) =>
        tensorNodeHash(below[2 * i] as Uint8Array, below[2 * i + 1] as Uint8Array),
      );
      levels.push(level);
    }
    this.#levels = levels;
  }

  get root(): Uint8Array {
    return this.node(this.#levels.length - 1, 0);
  }

  node(level: number, position: number): Uint8Array {
    return this.#levels[level]?.[position] as Uint8Array;
  }

  leaf(index: number): Uint8Array {
    return this.#leaves[index] as Uint8Array;
  }
}
