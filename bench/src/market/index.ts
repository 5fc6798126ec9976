export { type Facts, findFaults } from './check.ts';
export { type LoadFigures, type LoadOptions, measureLoad } from './load.ts';
export { renderLoad } from './render.ts';
