/**
 * The control block of a worker pool: an Int32Array that all threads share, and the two sides of the
 * protocol on it. One call of a kernel is one ticket; whoever is free takes its shards.
 *
 * `ticket` holds 2^16·generation + shards not yet taken. A thread takes a shard by lowering it by one
 * with a compare-exchange, and reads what to do only after that: the caller does not write the next
 * call before every taken shard is done, so a thread that was asleep for a while cannot mix up two
 * calls. A thread that never wakes takes nothing, and nobody waits for it.
 */
const TICKET = 0;
/** Shards not yet done. */
const PENDING = 1;
/** 1 if a shard of this call failed. */
const FAILED = 2;
const STOP = 3;
const KERNEL = 4;
/** Arguments of each shard. */
const ARITY = 5;
const ARGUMENTS = 16;

const REMAINING = 0xffff;
const CONTROL_WORDS = 16384;

/** Polls before a thread goes to sleep: a few microseconds, about what waking it would cost. */
const WORKER_SPINS = 2000;
const CALLER_SPINS = 2000;

export function createControl(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS));
}

/** How many shards of so many arguments fit into one call. */
export function shardCapacity(arity: number): number {
  return Math.min(REMAINING, Math.floor((CONTROL_WORDS - ARGUMENTS) / Math.max(1, arity)));
}

export type RunShard = (kernel: number, args: readonly number[]) => void;

/** Caller: offers shards (all of the same arity, at most `shardCapacity`) to the threads. */
export function offer(
  control: Int32Array,
  kernel: number,
  shards: readonly (readonly number[])[],
): void {
  const arity = shards[0]?.length ?? 0;
  control[KERNEL] = kernel;
  control[ARITY] = arity;
  for (const [s, args] of shards.entries()) control.set(args, ARGUMENTS + s * arity);
  control[FAILED] = 0;
  Atomics.store(control, PENDING, shards.length);
  const generation = (Atomics.load(control, TICKET) >>> 16) + 1;
  Atomics.store(control, TICKET, (generation << 16) | shards.length);
  Atomics.notify(control, TICKET, shards.length - 1);
}

/** Any thread: takes one shard and runs it. False if none is left. */
export function takeShard(control: Int32Array, run: RunShard): boolean {
  for (;;) {
    const ticket = Atomics.load(control, TICKET);
    const remaining = ticket & REMAINING;
    if (remaining === 0) return false;
    if (Atomics.compareExchange(control, TICKET, ticket, ticket - 1) !== ticket) continue;
    const arity = control[ARITY] ?? 0;
    const at = ARGUMENTS + (remaining - 1) * arity;
    try {
      // Arguments are unsigned: pointers beyond 2 GiB.
      const args = Array.from(control.subarray(at, at + arity), (word) => word >>> 0);
      run(control[KERNEL] ?? 0, args);
    } catch (cause) {
      Atomics.store(control, FAILED, 1);
      if (Atomics.sub(control, PENDING, 1) === 1) Atomics.notify(control, PENDING);
      throw cause;
    }
    if (Atomics.sub(control, PENDING, 1) === 1) Atomics.notify(control, PENDING);
    return true;
  }
}

/** Worker: takes shards until the pool stops. Blocks the thread. */
export function serve(control: Int32Array, run: RunShard): void {
  for (;;) {
    try {
      while (takeShard(control, run));
    } catch {
      // Recorded in the control block: the caller reports it.
      continue;
    }
    let idle = true;
    for (let spin = 0; spin < WORKER_SPINS && idle; spin++) {
      idle = (Atomics.load(control, TICKET) & REMAINING) === 0;
    }
    if (Atomics.load(control, STOP) === 1) return;
    const ticket = Atomics.load(control, TICKET);
    if ((ticket & REMAINING) === 0) Atomics.wait(control, TICKET, ticket);
  }
}

/** False where waiting is forbidden: a browser's main thread. */
export function canWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}

export type Completion = 'done' | 'failed' | 'stalled';

/**
 * Caller: waits until every shard is done. `stalled` after `stallMs` in which no shard ended: a thread
 * died in the middle of one. Without permission to wait it polls.
 */
export function awaitShards(control: Int32Array, stallMs: number, mayWait: boolean): Completion {
  for (let spin = 0; spin < CALLER_SPINS; spin++) {
    if (Atomics.load(control, PENDING) === 0) break;
  }
  let since = performance.now();
  let last = Atomics.load(control, PENDING);
  while (last !== 0) {
    if (mayWait) Atomics.wait(control, PENDING, last, stallMs);
    const pending = Atomics.load(control, PENDING);
    const now = performance.now();
    if (pending !== last) since = now;
    else if (now - since >= stallMs) return 'stalled';
    last = pending;
  }
  return Atomics.load(control, FAILED) === 0 ? 'done' : 'failed';
}

/** Lets every worker leave `serve` when it has no shard in hand. */
export function stop(control: Int32Array): void {
  Atomics.store(control, STOP, 1);
  // A new ticket without shards: nobody goes to sleep on the old one.
  Atomics.store(control, TICKET, ((Atomics.load(control, TICKET) >>> 16) + 1) << 16);
  Atomics.notify(control, TICKET);
}
