import { modelCases } from './cases/index.ts';
import { describeModels } from './describe-models.ts';

describeModels('activations', modelCases['activations']?.() ?? []);
