import { createEngine, type Engine } from '@assay/core/engine';
import { createWasmExecutor } from '@assay/core/engine/wasm';
import {
  columnValues,
  elementCount,
  multiplicityTensor,
  type Program,
  type LookupRelation,
  storedElements,
  type TensorId,
  type Trace,
  type Weights,
} from '@assay/program';
import { type ProvingKey, proveWitness, setup } from '@assay/prover';
import { Evaluator } from '@assay/runtime';
import { prepareArgument, type Statement, verifyPrepared } from '@assay/verifier';

/** WASM kernels on the test's own thread; one per test file. */
export const wasmEngine = (): Engine => createEngine(createWasmExecutor());

const TARGET_BITS = 100;
/** log2 of the number of columns: proofs of small models are made fastest with a few dozen. */
const LOG_COLUMNS = 6;

/** Row of each table by its key columns. */
function rowsByKey(program: Program): ReadonlyMap<string, number>[] {
  return program.tables.map(({ columns, keys, rows }) => {
    const values = columns.slice(0, keys).map(columnValues);
    return new Map(
      Array.from({ length: rows }, (_, row) => [values.map((column) => column[row]).join(), row]),
    );
  });
}

/** Proves and verifies runs of one committed model, honest and not. */
export class Prover {
  readonly program: Program;
  readonly #engine: Engine;
  readonly #weights: Weights;
  readonly #key: ProvingKey;
  readonly #rows: readonly ReadonlyMap<string, number>[];
  readonly #mark: number;

  constructor(engine: Engine, program: Program, weights: Weights) {
    this.program = program;
    this.#engine = engine;
    this.#weights = weights;
    this.#mark = engine.mark();
    const { model, witness } = storedElements(program);
    const logRows = Math.max(2, Math.ceil(Math.log2(model + witness)) - LOG_COLUMNS);
    const { key, commitment } = setup(engine, program, weights, {
      targetBits: TARGET_BITS,
      logRows,
    });
    const argument = prepareArgument(key);
    if (!argument.ok) throw new Error(JSON.stringify(argument.error));
    this.#key = { argument: argument.value, weights, tree: commitment.opened };
    this.#rows = rowsByKey(program);
  }

  /** Frees the engine's memory. */
  release(): void {
    this.#engine.release(this.#mark);
  }

  #statementOf(trace: Trace): Statement {
    const side = (ports: Program['inputs']): Map<string, Int32Array> =>
      new Map(ports.map(({ name, tensor }) => [name, trace.get(tensor) ?? new Int32Array()]));
    const { inputs, outputs } = this.program;
    return { inputs: side(inputs), outputs: side(outputs), nonce: new Uint8Array() };
  }

  /** How often each row is looked up by a trace; where no row has the key, the honest trace's row counts. */
  multiplicities(trace: Trace, honest: Trace): Map<TensorId, Int32Array> {
    const { program } = this;
    const counts = program.tables.map(({ rows }) => new Int32Array(rows));
    for (const relation of program.relations) {
      if (relation.kind !== 'lookup') continue;
      const { dims, table } = relation;
      const [lied, true_] = [this.#rowsOf(relation, trace), this.#rowsOf(relation, honest)];
      for (let i = 0; i < elementCount(dims); i++) {
        const row = lied(i) ?? true_(i) ?? 0;
        const count = counts[table];
        if (count !== undefined) count[row] = (count[row] ?? 0) + 1;
      }
    }
    return new Map(counts.map((count, table) => [multiplicityTensor(program, table), count]));
  }

  #rowsOf(
    { table, entries, dims, node }: LookupRelation,
    trace: Trace,
  ): (i: number) => number | undefined {
    const evaluator = new Evaluator(this.program, new Map([...this.#weights, ...trace]));
    const keys = entries
      .slice(0, this.program.tables[table]?.keys)
      .map((entry) => evaluator.evaluate(entry, dims, node));
    return (i) => this.#rows[table]?.get(keys.map((column) => column[i]).join());
  }

  /**
   * Makes a proof of a trace, whatever it holds, and verifies it: 'accepted', or the kind of the rejection.
   * The outputs claimed are the trace's, and must be in their ranges.
   */
  attempt(trace: Trace, multiplicities: Trace): string {
    const statement = this.#statementOf(trace);
    const proof = proveWitness(this.#engine, this.#key, statement, { trace, multiplicities });
    const verdict = verifyPrepared(this.#key.argument, statement, proof);
    return verdict.ok ? 'accepted' : verdict.error.kind;
  }
}
