/** What a message is, absorbed with it (`docs/protocol.md`, Transcript). */
export const TAG_ROOT = 1;
/** Out-of-domain answers. */
export const TAG_OUT_OF_DOMAIN = 2;
/** One round polynomial of a sumcheck. */
export const TAG_ROUND = 3;
export const TAG_CLAIMS = 4;
/** Proof-of-work nonce. */
export const TAG_NONCE = 5;
export const TAG_FINAL_POLYNOMIAL = 6;
/** LogUp's top layer (in the hiding profile its root). */
export const TAG_LOGUP_TOP = 7;
/** n0, n1, d0, d1 of a LogUp layer. */
export const TAG_LOGUP_LAYER = 8;
/** The batched claim C of all einsums. */
export const TAG_BATCHED_CLAIM = 9;
export const TAG_OPERANDS = 10;
export const TAG_STATEMENT = 11;
export const TAG_HIDING = 12;
