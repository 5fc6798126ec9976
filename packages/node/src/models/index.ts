export { mirrorModel } from './mirror.ts';
export { ModelService, type ModelServiceOptions } from './model-service.ts';
export { compareRecord, openServedModel, type ServedModel } from './served-model.ts';
export { ModelShelf } from './shelf.ts';
