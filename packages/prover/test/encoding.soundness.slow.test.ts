import { seededDraw } from '@assay/runtime/testing';
import { describeEncodings } from './encodings.ts';
import { scalarToy } from './programs.ts';
import {
  ALL_COMMITTED,
  ALL_HIDDEN,
  COMMITTED_PORTS,
  type KeyOptions,
  proveToy,
  toyEngine,
  toyKey,
} from './toy-key.ts';

const engine = toyEngine();
const scalars = scalarToy(seededDraw(51));
const cases: Readonly<Record<string, KeyOptions>> = {
  'all hidden': { profile: ALL_HIDDEN },
  'ports committed, weights hidden': { profile: ALL_COMMITTED },
  'committed ports, three oracles, proof of work': {
    profile: COMMITTED_PORTS,
    targetBits: 10,
    logRows: 6,
    powBits: 2,
    deep: true,
  },
};
for (const [name, options] of Object.entries(cases)) {
  const key = toyKey(engine, scalars.program, scalars.weights, options);
  describeEncodings(name, key, proveToy(engine, key, scalars));
}
