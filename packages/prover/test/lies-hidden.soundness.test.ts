import { describeLies } from './lies.ts';
import { ALL_COMMITTED, HIDDEN_PORTS } from './toy-key.ts';

// All programs and profiles, and more elements: `lies.soundness.slow.test.ts`.
describeLies(HIDDEN_PORTS, {
  programs: [
    'two dense layers',
    'softmax (quotient, shared axes)',
    'first maximum',
    'limbs and carries',
    'listed table with two keys',
  ],
  samples: 2,
});
describeLies(ALL_COMMITTED, { programs: ['two dense layers', 'scalars'], samples: 2 });
