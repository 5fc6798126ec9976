import { describeLies } from './lies.ts';
import { PLAIN, PROFILES } from './toy-key.ts';

for (const profile of PROFILES) {
  if (profile.join() !== PLAIN.join()) describeLies(profile, { samples: 4 });
}
