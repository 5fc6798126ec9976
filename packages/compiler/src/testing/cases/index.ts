import type { OperatorCase } from './case.ts';
import { linearCases } from './linear.ts';
import { toyCases } from './toy.ts';
import { unaryCases } from './unary.ts';
import { viewCases } from './view.ts';
import { windowCases } from './window.ts';

export type { OperatorCase } from './case.ts';

/** All cases, the same at every call. */
export const operatorCases = (): OperatorCase[] => [
  ...linearCases(),
  ...windowCases(),
  ...unaryCases(),
  ...viewCases(),
  ...toyCases(),
];
