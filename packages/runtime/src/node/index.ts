export type { Pool, PoolOptions } from '../pool/pool.ts';
export { createNodePool } from './pool.ts';
