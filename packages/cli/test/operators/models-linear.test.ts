import { modelCases } from './cases/index.ts';
import { describeModels } from './describe-models.ts';

describeModels('linear', modelCases['linear']?.() ?? []);
