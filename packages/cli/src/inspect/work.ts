import { oracleShapes } from '@assay/core/pcs';
import { padCount } from '@assay/core/linear';
import { DEFAULT_COST_MODEL, oracleQueryMs, oracleWorkMs } from '@assay/core/security';
import { elementCount, storedElements, type System } from '@assay/program';
import type { Argument } from '@assay/verifier';

/** Counts that proving time follows, from the program alone. */
export interface Sizes {
  readonly multiplyAdds: number;
  /** Committed elements, padding of blocks included. */
  readonly modelElements: number;
  readonly witnessElements: number;
  readonly lookups: number;
  readonly tableRows: number;
  /** log2 of the leaves of the lookup argument's tree. */
  readonly lookupVariables: number;
  readonly einsums: number;
  /** Rounds of the batched sumcheck. */
  readonly sumcheckRounds: number;
}

/** A part of proving time. Milliseconds are a coarse estimate, to be compared with each other. */
export interface Work {
  readonly stage: string;
  readonly what: string;
  readonly estimatedMs: number;
}

const SPONGE_RATE_BYTES = 136;
/** Of the blinding polynomial, one for each coordinate of K. */
const BLINDING_COLUMNS = 5;
/** Products in K per leaf, over all layers of the lookup tree and their rounds. */
const LOOKUP_PRODUCTS = 40;
/** Products in K per element of an einsum's folded operands, over all rounds. */
const SUMCHECK_PRODUCTS = 12;

/** @param pads - One-time pads, which a hiding proof commits too. */
export function sizesOf(system: System, pads = 0): Sizes {
  const { program, lookups, einsums, visibility } = system;
  const stored = storedElements(program, { visibility, pads });
  const looked = program.relations.reduce(
    (sum, relation) => sum + (relation.kind === 'lookup' ? elementCount(relation.dims) : 0),
    0,
  );
  return {
    multiplyAdds: einsums.instances.reduce((sum, { lengths }) => sum + elementCount(lengths), 0),
    modelElements: stored.model,
    witnessElements: stored.witness,
    lookups: looked,
    tableRows: program.tables.reduce((sum, { rows }) => sum + rows, 0),
    lookupVariables: lookups.variables,
    einsums: einsums.instances.length,
    sumcheckRounds: einsums.innerVariables,
  };
}

function product(lengths: readonly number[], axes: readonly number[]): number {
  return axes.reduce((size, axis) => size * (lengths[axis] ?? 1), 1);
}

/** Where proving time will go: a line per stage of the prover. */
export function workOf({ system, layout, key, pads }: Argument): Work[] {
  const { whir } = key.parameters;
  const { permutationNs, butterflyNs, macNs, extensionNs, passes, threads } = DEFAULT_COST_MODEL;
  const sizes = sizesOf(system, padCount(pads));
  const oracles = oracleShapes(whir);
  const [first, ...later] = oracles;
  const logDomain = first?.logDomain ?? 0;
  const rows = 2 ** logDomain;
  const columns = layout.witness.columns + (whir.blinding === null ? 0 : BLINDING_COLUMNS);
  const blocks = Math.floor((4 * columns + 1) / SPONGE_RATE_BYTES) + 1;
  const ports = layout.ports.reduce((sum, port) => sum + port.columns, 0);
  const stored = (layout.model.columns + ports + columns) * 2 ** whir.logRows;
  const fractions = 2 ** sizes.lookupVariables;

  // Binding output axes reads each operand once; then both are folded over the remaining axes.
  let bound = 0;
  let folded = 0;
  for (const { lengths, left, right, shared, outputAxes } of system.einsums.instances) {
    const inner =
      product(lengths, shared) * product(lengths, lengths.map((_, i) => i).slice(outputAxes));
    bound += inner * (product(lengths, left) + product(lengths, right));
    folded += inner;
  }
  const ms = (ns: number): number => ns / 1e6 / threads;
  return [
    {
      stage: 'execute',
      what: `${sizes.multiplyAdds} multiply-adds`,
      estimatedMs: ms(sizes.multiplyAdds * macNs),
    },
    {
      stage: 'commit',
      what: `${columns} witness columns at 2^${logDomain} points, ${rows * (blocks + 1)} keccak permutations`,
      estimatedMs: ms(
        ((columns * rows * logDomain) / 2) * butterflyNs + rows * (blocks + 1) * permutationNs,
      ),
    },
    {
      stage: 'lookups',
      what: `${sizes.lookups} lookups and ${sizes.tableRows} table rows in a tree of 2^${sizes.lookupVariables}`,
      estimatedMs: ms(fractions * LOOKUP_PRODUCTS * extensionNs),
    },
    {
      stage: 'einsums',
      what: `${sizes.einsums} products, ${bound} operand elements, ${sizes.sumcheckRounds} rounds`,
      estimatedMs: ms(bound * macNs + folded * SUMCHECK_PRODUCTS * extensionNs),
    },
    {
      stage: 'opening',
      what: `about ${passes} passes over ${stored} stored elements, ${later.length} further oracles, ${whir.queries.join(' + ')} queries, proof of work`,
      estimatedMs:
        ms((passes + 1) * stored * macNs) +
        later.reduce((sum, o) => sum + oracleWorkMs(o, null, DEFAULT_COST_MODEL), 0) +
        oracles.reduce((sum, o) => sum + oracleQueryMs(o, o, DEFAULT_COST_MODEL), 0),
    },
  ];
}
