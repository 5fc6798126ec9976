import type { ProofWriter } from '@assay/core/codec';
import type { Engine, IntVec } from '@assay/core/engine';
import { intK, type K, ONE, scaleK, subK, toF, ZERO } from '@assay/core/field';
import { constantValue } from '@assay/core/linear';
import { proveLogup } from '@assay/core/lookup/prover';
import { grind } from '@assay/core/pcs/prover';
import type { Sender } from '@assay/core/sender';
import type { Transcript } from '@assay/core/transcript';
import {
  columnValues,
  type LookupChallenges,
  type LookupSection,
  multiplicityTensor,
  type TensorId,
} from '@assay/program';
import type { Evaluator } from '@assay/runtime';
import { type Argument, sampleLookupChallenges, type Transcribed } from '@assay/verifier';
import { copyBlock } from '../witness/columns.ts';

interface Leaves {
  readonly columns: readonly Int32Array[];
  readonly numerators: Int32Array;
  readonly mask: Int32Array;
}

/** Tuples, mask and numerators of one section, padded to its power-of-two box. */
function sectionLeaves(
  argument: Argument,
  section: Exclude<LookupSection, { kind: 'blind' }>,
  evaluator: Evaluator,
  multiplicities: ReadonlyMap<TensorId, Int32Array>,
): Leaves {
  const { program } = argument.system;
  const size = 2 ** section.size;
  const { block } = section;
  const lengths = block.length;
  const local = { start: lengths.map(() => 0), length: lengths, bits: block.bits };
  const count = lengths.reduce((product, n) => product * n, 1);
  const padded = (values: Int32Array): Int32Array => {
    if (count === size) return values;
    const out = new Int32Array(size);
    copyBlock(values, lengths, local, out, 0);
    return out;
  };
  const mask = padded(new Int32Array(count).fill(1));
  if (section.kind === 'lookup') {
    const { dims, entries } = section.relation;
    const layout = {
      axes: dims.map((_, axis) => axis),
      from: block.start,
      to: block.start.map((start, axis) => start + (lengths[axis] ?? 1)),
    };
    const columns = entries.map((entry) => {
      const values = new Int32Array(count);
      evaluator.arrange(entry, dims, layout, values);
      return padded(values);
    });
    return { columns, numerators: mask, mask };
  }
  const from = block.start[0] ?? 0;
  const to = from + (lengths[0] ?? 1);
  const columns = (program.tables[section.table]?.columns ?? []).map((column) =>
    padded(columnValues(column).subarray(from, to)),
  );
  const counts =
    multiplicities.get(multiplicityTensor(program, section.table)) ?? new Int32Array(0);
  return { columns, numerators: padded(counts.subarray(from, to).map((m) => -m)), mask };
}

/**
 * S3 and S4: challenges, the tree of all fractions, LogUp-GKR. Mirrors the verifier's `verifyLookups`.
 *
 * @param blind - Hiding profile: r of the fraction 0/r.
 */
export function proveLookups(
  argument: Argument,
  engine: Engine,
  transcript: Transcript,
  writer: ProofWriter,
  sender: Sender,
  evaluator: Evaluator,
  multiplicities: ReadonlyMap<TensorId, Int32Array>,
  blind: K | null,
): Transcribed['lookup'] {
  const { lookups, hiding } = argument.system;
  if (lookups.total === 0) return null;
  grind(engine, transcript, writer, argument.key.parameters.lookupPowBits);
  const challenges: LookupChallenges = sampleLookupChallenges(transcript, lookups.width);
  const mark = engine.mark();
  const numerators = engine.allocK(2 ** lookups.variables);
  const denominators = engine.allocK(2 ** lookups.variables);
  const idBeta = challenges.betas[lookups.width] ?? ZERO;
  for (const { item, offset } of lookups.sections) {
    if (item.kind === 'blind') {
      engine.fill(engine.slice(numerators, offset, 1), ZERO);
      engine.fill(engine.slice(denominators, offset, 1), blind ?? ONE);
      continue;
    }
    const leaves = sectionLeaves(argument, item, evaluator, multiplicities);
    const inner = engine.mark();
    const store = (values: Int32Array): IntVec => {
      const vec = engine.allocInt(values.length);
      engine.writeInts(vec, values);
      return vec;
    };
    const table = item.kind === 'lookup' ? item.relation.table : item.table;
    const shift: K = subK(challenges.shift, scaleK(idBeta, toF(table + 1)));
    const columns = leaves.columns.map(store);
    engine.fingerprints(
      columns,
      challenges.betas.slice(0, columns.length),
      shift,
      store(leaves.mask),
      engine.slice(denominators, offset, 2 ** item.size),
    );
    engine.fromInts(store(leaves.numerators), engine.slice(numerators, offset, 2 ** item.size));
    engine.release(inner);
  }
  const rest = 2 ** lookups.variables - lookups.total;
  if (rest > 0) {
    engine.fill(engine.slice(numerators, lookups.total, rest), intK(0));
    engine.fill(engine.slice(denominators, lookups.total, rest), ONE);
  }
  const { point, numerator, denominator } = proveLogup(
    engine,
    transcript,
    sender,
    numerators,
    denominators,
    hiding ? 'root' : 'top',
  );
  engine.release(mark);
  return {
    challenges,
    point,
    numerator: constantValue(numerator),
    denominator: constantValue(denominator),
  };
}
