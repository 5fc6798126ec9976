import { equalBytes } from '@assay/core/hash';
import { tensorNodeHash } from '@assay/program/trace';
import { dataError } from './reader.ts';

/** Fetches a node of the other's tree. */
export type FetchNode = (level: number, position: number) => Promise<Uint8Array>;

/** A tree that is ours. */
export interface KnownTree {
  readonly depth: number;
  node(level: number, position: number): Uint8Array;
}

/**
 * Another's tree, known where it was read; where its nodes equal ours, so does all below them. Every pair of children
 * that is fetched is checked against its parent.
 */
export class ServedTree {
  readonly depth: number;
  readonly root: Uint8Array;
  readonly #mine: KnownTree;
  readonly #fetch: FetchNode;
  readonly #what: string;
  /** Nodes whose siblings are known too. */
  readonly #nodes = new Map<string, Uint8Array>();

  constructor(mine: KnownTree, root: Uint8Array, fetch: FetchNode, what: string) {
    this.depth = mine.depth;
    this.root = root;
    this.#mine = mine;
    this.#fetch = fetch;
    this.#what = what;
    this.#nodes.set(`${mine.depth} 0`, root);
  }

  /** Whether a node that is known is another than ours. */
  differs(level: number, position: number): boolean {
    return !equalBytes(this.node(level, position), this.#mine.node(level, position));
  }

  /** A node that has been reached, or lies below one that equals ours. @throws {RangeError} otherwise. */
  node(level: number, position: number): Uint8Array {
    const known = this.#nodes.get(`${level} ${position}`);
    if (known !== undefined) return known;
    if (this.#isShared(level, position)) return this.#mine.node(level, position);
    throw new RangeError(
      `ServedTree.node: expected a node that was reached, got ${level} ${position}`,
    );
  }

  #isShared(level: number, position: number): boolean {
    let at = Math.floor(position / 2);
    for (let above = level + 1; above <= this.depth; above++) {
      const known = this.#nodes.get(`${above} ${at}`);
      if (known !== undefined) return equalBytes(known, this.#mine.node(above, at));
      at = Math.floor(at / 2);
    }
    return false;
  }

  /** Both children of a known node that differs from ours. @throws {AssayError} ASSAY_TRACE_DATA */
  async open(level: number, position: number): Promise<void> {
    const first = 2 * position;
    if (this.#nodes.has(`${level - 1} ${first}`)) return;
    const [left, right] = await Promise.all([
      this.#fetch(level - 1, first),
      this.#fetch(level - 1, first + 1),
    ]);
    if (!equalBytes(tensorNodeHash(left, right), this.node(level, position)))
      throw dataError(`${this.#what}: node ${position} of level ${level}`);
    this.#nodes.set(`${level - 1} ${first}`, left);
    this.#nodes.set(`${level - 1} ${first + 1}`, right);
  }

  /** Makes a node, and the siblings on its way up, known. */
  async reach(level: number, position: number): Promise<void> {
    for (let above = this.depth; above > level; above--) {
      const at = Math.floor(position / 2 ** (above - level));
      if (!this.differs(above, at)) return;
      await this.open(above, at);
    }
  }

  /** Siblings of a node that was reached, upwards. */
  path(level: number, position: number): readonly Uint8Array[] {
    const siblings: Uint8Array[] = [];
    for (let at = level, i = position; at < this.depth; at++, i = Math.floor(i / 2))
      siblings.push(this.node(at, i % 2 === 0 ? i + 1 : i - 1));
    return siblings;
  }

  /** Positions of a level that differ from ours, in order, as they are found. `stop`: not to look below a node. */
  async *differences(
    level: number,
    stop: (level: number, position: number) => boolean = () => false,
  ): AsyncGenerator<{ readonly level: number; readonly position: number }> {
    const stack = [{ level: this.depth, position: 0 }];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      if (!this.differs(top.level, top.position)) continue;
      if (top.level === level || stop(top.level, top.position)) {
        yield top;
        continue;
      }
      await this.open(top.level, top.position);
      stack.push({ level: top.level - 1, position: 2 * top.position + 1 });
      stack.push({ level: top.level - 1, position: 2 * top.position });
    }
  }
}
