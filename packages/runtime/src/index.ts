export { checkRelations, type CheckOptions } from './check/check-relations.ts';
export { describeViolation, type Violation } from './check/violation.ts';
export { evaluateForm, formEvaluator } from './evaluate-form.ts';
export { execute, type ExecuteOptions } from './execute.ts';
export type { MatmulEngine } from './products/matmul.ts';
export { dequantizeOutput, quantizeInput } from './ports.ts';
export { executeReference } from './reference/execute.ts';
export { Evaluator } from './forms/evaluator.ts';
export type { Layout as ArrangedLayout } from './forms/arrange.ts';
