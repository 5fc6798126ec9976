/** First bytes of every proof: "ASSAYPRF", then the version, u32 LE. */
export const PROOF_MAGIC: Uint8Array = Uint8Array.of(
  0x41,
  0x53,
  0x53,
  0x41,
  0x59,
  0x50,
  0x52,
  0x46,
);
export const PROOF_VERSION = 1;
/** No parameters lead to a proof this large. */
export const PROOF_BYTES: number = 16 * 2 ** 20;
