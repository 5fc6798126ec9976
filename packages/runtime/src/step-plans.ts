import type {
  Form,
  LookupRelation,
  Program,
  Step,
  TensorId,
  Term,
  ZeroRelation,
} from '@assay/program';
import { stepError } from './errors.ts';
import { isIdentityView, wholeTensor } from './identity-view.ts';

type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;

/** Digits of t = −(rest + products)·sign, least significant digit last: t = Σ weight_i·digit_i, weight_k = 1. */
export interface DigitsPlan {
  readonly relation: ZeroRelation;
  /** The relation without the terms of the outputs. */
  readonly rest: Form;
  /** Sign c_k = ±1 of the least significant coefficient. */
  readonly sign: number;
  /** From most to least significant. `ratio` = c_{i−1}/c_i, signed; the first has 0: it takes what remains. */
  readonly outputs: readonly {
    readonly tensor: TensorId;
    readonly low: number;
    readonly ratio: number;
  }[];
}

/** q = ⌊N/D⌋, r = N − D·q with N = −(rest) and D = factor·divisor. */
export interface DividePlan {
  readonly relation: ZeroRelation;
  readonly rest: Form;
  readonly divisor: Form;
  readonly factor: number;
}

/** Which entries are given, which columns are produced. */
export interface LookupPlan {
  readonly relation: LookupRelation;
  readonly table: Program['tables'][number];
}

function zeroRelation(program: Program, id: number): ZeroRelation {
  const relation = program.relations[id];
  if (relation?.kind !== 'zero') {
    throw stepError(program, relation?.node ?? 0, `relation ${id} is not a zero relation`);
  }
  return relation;
}

/** Takes the one term that is `coefficient · tensor`, whole and in order, out of a list of terms. */
function takeTerm(
  program: Program,
  relation: ZeroRelation,
  terms: readonly Term[],
  tensor: TensorId,
): { readonly coefficient: number; readonly others: readonly Term[] } {
  const found = terms.filter((term) => term.tensor === tensor);
  const [term] = found;
  const shape = program.tensors[tensor]?.shape ?? [];
  if (
    term === undefined ||
    found.length !== 1 ||
    term.sums.length !== 0 ||
    !isIdentityView(term.view, shape, relation.dims)
  ) {
    const name = program.tensors[tensor]?.name ?? String(tensor);
    throw stepError(
      program,
      relation.node,
      `tensor "${name}" is not one whole term of its relation`,
    );
  }
  return { coefficient: term.coefficient, others: terms.filter((t) => t !== term) };
}

/** @throws {AssayError} ASSAY_PROGRAM_STEP when the step does not fit its relation. */
export function planDigits(program: Program, step: StepOf<'digits'>): DigitsPlan {
  const relation = zeroRelation(program, step.relation);
  let terms = relation.form.terms;
  const coefficients: number[] = [];
  for (const { tensor } of step.outputs) {
    const taken = takeTerm(program, relation, terms, tensor);
    coefficients.push(taken.coefficient);
    terms = taken.others;
  }
  const sign = coefficients.at(-1) ?? 0;
  if (Math.abs(sign) !== 1) {
    throw stepError(
      program,
      relation.node,
      'the least significant digit needs coefficient 1 or -1',
    );
  }
  const outputs = step.outputs.map(({ tensor, low }, i) => {
    const ratio = i === 0 ? 0 : (coefficients[i - 1] as number) / (coefficients[i] as number);
    if (i > 0 && (!Number.isSafeInteger(ratio) || Math.abs(ratio) < 1)) {
      throw stepError(program, relation.node, 'each digit coefficient must divide the one before');
    }
    return { tensor, low, ratio };
  });
  return { relation, rest: { terms, constant: relation.form.constant }, sign, outputs };
}

/** @throws {AssayError} ASSAY_PROGRAM_STEP when the step does not fit its relation. */
export function planDivide(program: Program, step: StepOf<'divide'>): DividePlan {
  const relation = zeroRelation(program, step.relation);
  const remainder = takeTerm(program, relation, relation.form.terms, step.remainder);
  const [product] = relation.products;
  if (
    product === undefined ||
    relation.products.length !== 1 ||
    product.sums.length !== 0 ||
    product.left.constant !== 0
  ) {
    throw stepError(program, relation.node, 'division needs one product without sums');
  }
  const quotient = takeTerm(program, relation, product.left.terms, step.quotient);
  if (quotient.others.length !== 0 || remainder.coefficient !== 1) {
    throw stepError(program, relation.node, 'division needs c·q·D + r + rest = 0');
  }
  return {
    relation,
    rest: { terms: remainder.others, constant: relation.form.constant },
    divisor: product.right,
    factor: product.coefficient * quotient.coefficient,
  };
}

/** @throws {AssayError} ASSAY_PROGRAM_STEP when the step does not fit its relation. */
export function planLookup(program: Program, step: StepOf<'lookup'>): LookupPlan {
  const relation = program.relations[step.relation];
  if (relation?.kind !== 'lookup') {
    throw stepError(program, relation?.node ?? 0, `relation ${step.relation} is not a lookup`);
  }
  const table = program.tables[relation.table];
  if (table === undefined) throw stepError(program, relation.node, 'unknown table');
  for (const { column, tensor } of step.outputs) {
    const entry = relation.entries[column];
    if (entry === undefined || column < table.keys) {
      throw stepError(program, relation.node, `column ${column} is not a value column`);
    }
    if (wholeTensor(entry, (id) => program.tensors[id]?.shape ?? [], relation.dims) !== tensor) {
      throw stepError(
        program,
        relation.node,
        `entry ${column} is not the whole tensor of the step`,
      );
    }
  }
  return { relation, table };
}
