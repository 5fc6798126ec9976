import { modelCases } from './cases/index.ts';
import { describeGraphs } from './describe-graphs.ts';
import { describeModels } from './describe-models.ts';

describeGraphs(true);
for (const [group, make] of Object.entries(modelCases)) describeModels(group, make(), true);
