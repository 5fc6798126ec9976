import type { BlockRef, RawLog } from './events.ts';

/**
 * Where a follower keeps what it has seen. Each call either happens as a whole or not at all: a follower
 * that is killed between two of them goes on from the first.
 */
export interface FollowerStore {
  /** Blocks whose hashes are known, ascending: the last one is where the follower stands. */
  checkpoints(): readonly BlockRef[];
  /** Adds logs and the block up to which they are complete. Old checkpoints may be dropped, never the last. */
  append(logs: readonly RawLog[], checkpoint: BlockRef): void;
  /** Removes logs and checkpoints above a block; null: all of them. */
  rollback(to: BlockRef | null): void;
  /** All logs in the order of the chain. */
  logs(): Iterable<RawLog>;
}

/** Checkpoints that are kept: a reorg that goes deeper is followed from the first block again. */
export const KEPT_CHECKPOINTS = 256;

/** Keeps everything in memory: what a client needs, and tests. */
export class MemoryFollowerStore implements FollowerStore {
  #checkpoints: BlockRef[] = [];
  #logs: RawLog[] = [];

  checkpoints(): readonly BlockRef[] {
    return this.#checkpoints;
  }

  append(logs: readonly RawLog[], checkpoint: BlockRef): void {
    this.#logs.push(...logs);
    this.#checkpoints = [...this.#checkpoints, checkpoint].slice(-KEPT_CHECKPOINTS);
  }

  rollback(to: BlockRef | null): void {
    const stays = (block: BlockRef): boolean => to !== null && block.number <= to.number;
    this.#logs = this.#logs.filter(({ block }) => stays(block));
    this.#checkpoints = this.#checkpoints.filter(stays);
  }

  logs(): Iterable<RawLog> {
    return this.#logs;
  }
}
