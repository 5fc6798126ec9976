export { inClear, PaddedSender, PlainSender, type Sender } from './sender.ts';
