import { affineToy, describeOutside } from './outside.ts';
import { COMMITTED_INPUT, HIDDEN_INPUT, HIDDEN_PORTS } from './toy-key.ts';

const profiles = [HIDDEN_INPUT, HIDDEN_PORTS, COMMITTED_INPUT];

describeOutside('limbs from both ends', affineToy(-70_000, 70_000), profiles);
describeOutside('one value more than a power of two', affineToy(0, 2 ** 16), profiles);
describeOutside('a quarter of the field', affineToy(-(2 ** 26), 2 ** 26), profiles);
