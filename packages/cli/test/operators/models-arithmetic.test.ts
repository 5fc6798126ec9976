import { modelCases } from './cases/index.ts';
import { describeModels } from './describe-models.ts';

describeModels('arithmetic', modelCases['arithmetic']?.() ?? []);
