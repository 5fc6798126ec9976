import { modelCases } from './cases/index.ts';
import { describeModels } from './describe-models.ts';

describeModels('views', modelCases['views']?.() ?? []);
