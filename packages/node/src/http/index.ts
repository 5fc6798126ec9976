export { MOST_POSITIONS, parseTracePath, type TracePath, type TraceRequest } from './parse.ts';
export { type Content, type Health, nodeRoutes, type ServedTrees, servedTrees } from './routes.ts';
