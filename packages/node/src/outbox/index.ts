export { createOutbox, type OutboxOptions } from './outbox.ts';
export { OUTBOX_SCHEMA } from './schema.ts';
export type {
  Call,
  Delivery,
  DeliveryState,
  Fees,
  MinedReceipt,
  Outbox,
  Refusal,
  SignedCall,
  Wire,
} from './types.ts';
export { createWire, type WireOptions } from './wire.ts';
