import { activationModels } from './activations.ts';
import { arithmeticModels } from './arithmetic.ts';
import { linearModels } from './linear.ts';
import type { ModelCase } from './model-case.ts';
import { otherModels } from './others.ts';
import { viewModels } from './views.ts';
import { windowModels } from './windows.ts';

export type { ModelCase } from './model-case.ts';

/** All models, by what their operators have in common. The same at every call. */
export const modelCases: Readonly<Record<string, () => ModelCase[]>> = {
  linear: linearModels,
  windows: windowModels,
  activations: activationModels,
  arithmetic: arithmeticModels,
  views: viewModels,
  others: otherModels,
};
