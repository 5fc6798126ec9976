export type { Pool, PoolOptions } from '../pool/pool.ts';
export { createBrowserPool } from './pool.ts';
