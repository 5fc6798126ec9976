/** What a proof is about: the public tensors, by port name and row major, and the client's nonce. */
export interface Statement {
  readonly inputs: ReadonlyMap<string, Int32Array>;
  readonly outputs: ReadonlyMap<string, Int32Array>;
  readonly nonce: Uint8Array;
}
