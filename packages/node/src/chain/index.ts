export { createFollowerStore, FOLLOWER_SCHEMA } from './follower-store.ts';
export { ensureMembership, type MembershipOptions } from './membership.ts';
export { readsOf } from './reads.ts';
