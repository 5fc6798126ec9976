import { describeLies } from './lies.ts';
import {
  ALL_COMMITTED,
  ALL_HIDDEN,
  COMMITTED_PORTS,
  HIDDEN_INPUT,
  HIDDEN_WEIGHTS,
  type Profile,
} from './toy-key.ts';

const profiles: readonly Profile[] = [
  HIDDEN_INPUT,
  ['public', 'hidden', 'public'],
  HIDDEN_WEIGHTS,
  COMMITTED_PORTS,
  ALL_HIDDEN,
  ALL_COMMITTED,
];
for (const profile of profiles) describeLies(profile, { samples: 4 });
