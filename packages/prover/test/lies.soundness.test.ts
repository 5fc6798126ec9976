import { describeLies } from './lies.ts';
import { PLAIN } from './toy-key.ts';

describeLies(PLAIN);
