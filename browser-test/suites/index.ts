import type { Suite } from '../harness.ts';
import { environment } from './environment.ts';
import { field } from './field.ts';
import { transcript } from './transcript.ts';

/** In the order in which they run, from the ground up. */
export const suites: readonly Suite[] = [environment, field, transcript];
