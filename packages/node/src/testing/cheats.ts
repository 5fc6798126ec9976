import type { JobView } from '@assay/market';
import { hexOf } from '@assay/market';
import { type ListId, TensorTree, type TraceProgram, TraceTrees } from '@assay/program/trace';
import type { Hex } from 'viem';
import type { ModelService } from '../models/index.ts';
import type { Work } from '../provider/index.ts';

/** Values of a submission that may be changed: trace and output, each in its leaf order. */
export interface Forged {
  readonly trace: Int32Array[];
  readonly output: Int32Array[];
}

/** How a provider departs from what is right. */
export interface Cheat {
  /** Changes values before they are committed to. */
  readonly forge?: ((values: Forged, program: TraceProgram) => void) | undefined;
  /** Runs the model on something else than the job's input. */
  readonly input?: ((right: Uint8Array) => Uint8Array) | undefined;
  /** Changes what a proof is about, or the receipt itself. */
  readonly proveFor?: ((job: JobView) => JobView) | undefined;
  readonly receipt?: ((right: Uint8Array) => Uint8Array) | undefined;
  /** Shows no node of its trees, neither over HTTP nor on chain. */
  readonly withholds?: boolean | undefined;
  /** Locks, and is never heard of again. */
  readonly vanishes?: boolean | undefined;
  /** A trace root that nothing stands behind. */
  readonly traceRoot?: Hex | undefined;
}

/** One more than the right value, or one less where that is out of range. */
function step(value: number, { lo, hi }: { readonly lo: number; readonly hi: number }): number {
  return value < hi ? value + 1 : Math.max(lo, value - 1);
}

/** Cheats by name: those of a demonstration, and of the tests. */
export const CHEATS: {
  readonly 'wrong-output': Cheat;
  readonly 'wrong-trace': Cheat;
  readonly 'another-input': Cheat;
  readonly 'withheld-trace': Cheat;
  readonly 'garbage-root': Cheat;
  readonly 'garbage-proof': Cheat;
  readonly 'proof-of-another-job': Cheat;
  readonly vanishing: Cheat;
} = {
  'wrong-output': { forge: (values, program) => changeOutput(values, program) },
  'wrong-trace': { forge: (values, program) => changeTrace(values, program) },
  // The right trace of zeros.
  'another-input': { input: (right) => new Uint8Array(right.length) },
  'withheld-trace': {
    forge: (values, program) => changeOutput(values, program),
    withholds: true,
  },
  'garbage-root': { traceRoot: `0x${'ab'.repeat(32)}`, withholds: true },
  'garbage-proof': {
    receipt: (right) => right.map((byte, i) => (i > right.length / 2 ? byte ^ 1 : byte)),
  },
  'proof-of-another-job': { proveFor: (job) => ({ ...job, id: `0x${'99'.repeat(32)}` }) },
  vanishing: { vanishes: true },
};

export type CheatName = keyof typeof CHEATS;

function changeOutput({ output }: Forged, program: TraceProgram): void {
  const [tensor] = output;
  const range = program.lists[3][0]?.range;
  if (tensor !== undefined && range !== undefined) tensor[0] = step(tensor[0] ?? 0, range);
}

function changeTrace({ trace }: Forged, program: TraceProgram): void {
  const middle = Math.floor(trace.length / 2);
  const tensor = trace[middle];
  const range = program.lists[2][middle]?.range;
  if (tensor === undefined || range === undefined) return;
  const at = tensor.length - 1;
  tensor[at] = step(tensor[at] ?? 0, range);
}

function forgedTrees(honest: TraceTrees, program: TraceProgram, { forge }: Cheat): TraceTrees {
  const copies = (list: ListId): Int32Array[] =>
    honest.trees[list].map(({ values }) => values.slice());
  const values: Forged = { trace: copies(2), output: copies(3) };
  forge?.(values, program);
  const trees = (all: readonly Int32Array[]): readonly TensorTree[] =>
    all.map((data) => new TensorTree(data));
  return new TraceTrees(program.relations, {
    0: honest.trees[0],
    1: honest.trees[1],
    2: trees(values.trace),
    3: trees(values.output),
  });
}

function encodeTensors(tensors: readonly TensorTree[]): Uint8Array {
  const bytes = new Uint8Array(4 * tensors.reduce((sum, { values }) => sum + values.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { values } of tensors) {
    for (const value of values) {
      view.setInt32(at, value);
      at += 4;
    }
  }
  return bytes;
}

/** A provider's work with a cheat in it; everything else of the daemon is as it is. */
export function cheatingWork(honest: ModelService, cheat: Cheat): Work {
  const trees = async (job: JobView, input: Uint8Array): Promise<TraceTrees | null> => {
    // Traces are kept by job: this one is of no job.
    const own: JobView = cheat.input === undefined ? job : { ...job, id: `${job.id}00` };
    const right = await honest.trees(own, cheat.input?.(input) ?? input);
    const { trace } = honest.modelOf(job);
    return right === null || trace === null ? null : forgedTrees(right, trace, cheat);
  };
  return {
    capability: (model) => honest.capability(model),
    checkInput: (job, input) => honest.checkInput(job, input),
    unseal: (job, ciphertext) => honest.unseal(job, ciphertext),
    prove: async (job, input) => {
      const proven = await honest.prove(cheat.proveFor?.(job) ?? job, input);
      return { ...proven, receipt: cheat.receipt?.(proven.receipt) ?? proven.receipt };
    },
    forget: (job) => honest.forget(job),
    execute: async (job, input) => {
      if (cheat.vanishes === true) await new Promise(() => undefined);
      const right = await honest.execute(job, input);
      const forged = await trees(job, input);
      if (forged === null) return right;
      const { roots } = forged.roots;
      return {
        output: encodeTensors(forged.trees[3]),
        outputRoot: hexOf(roots[3]),
        traceRoot: cheat.traceRoot ?? hexOf(roots[2]),
      };
    },
    trees: async (job, input) => (cheat.withholds === true ? null : trees(job, input)),
  };
}
