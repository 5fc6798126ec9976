export {
  affine,
  along,
  clampTo,
  columnOf,
  type Draw,
  drawTensor,
  form,
  functionTable,
  gather,
  identityView,
  listedTable,
  product,
  ProgramBuilder,
  reluTo,
  type RescaleOptions,
  reshape,
  seededDraw,
  term,
} from './builder.ts';
export { boundedProgram } from './bounded-program.ts';
export {
  type Constraint,
  constraintsOf,
  type ConstraintSystem,
  type Linear,
  type Variable,
} from './constraints.ts';
export {
  declaredProgram,
  type DeclaredProgram,
  intervalOf,
  withDeclared,
} from './declared-program.ts';
export {
  type ExhaustiveOptions,
  type ExhaustiveResult,
  solveRelations,
  whyNotUnique,
} from './exhaustive.ts';
export { guardTrace, type ProofJudge, whyUnproven } from './guard-trace.ts';
export { type LyingTrace, TRACE_LIES, TraceLiar, type TraceLie } from './lying-trace.ts';
export { randomProgram, randomView } from './random-program.ts';
export { resume } from './resume.ts';
export { solveTrace, type SolveTraceOptions, type TraceSolutions } from './solve-trace.ts';
export {
  argMaxToy,
  type ConvOptions,
  convToy,
  fill,
  maxPoolToy,
  mlpToy,
  softmaxToy,
  type Toy,
  TOYS,
  viewsToy,
  wideClampToy,
} from './toys.ts';
