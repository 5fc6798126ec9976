export { marketCalls } from './calls.ts';
export { createFollowerStore, FOLLOWER_SCHEMA } from './follower-store.ts';
export { chainReads } from './reads.ts';
export { ensureMembership, type MembershipOptions } from './membership.ts';
