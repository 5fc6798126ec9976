import type { ArgumentError } from '../argument/argument.ts';
import type { ReceiptError } from './errors.ts';
import type { Receipt } from './types.ts';

/**
 * Where a value that was verified came from.
 * checked: compared with the verifier's own.   from key: the verifying key's, as in the receipt.
 * from receipt: the proof holds for the receipt's value, which nobody compared with anything.
 * hidden: the receipt says nothing of it, and nothing can be compared with it.
 * not given: the receipt carries none and none was asked for.
 * failed: compared and refused.   not reached: an earlier check failed.
 */
export type CheckState =
  | 'checked'
  | 'from key'
  | 'from receipt'
  | 'hidden'
  | 'not given'
  | 'failed'
  | 'not reached';

/** What a verdict rests on, in the order of checking. */
export interface Checked {
  readonly signature: CheckState;
  readonly proverKey: CheckState;
  readonly modelName: CheckState;
  readonly program: CheckState;
  readonly suite: CheckState;
  readonly input: CheckState;
  readonly output: CheckState;
  readonly nonce: CheckState;
  readonly proof: CheckState;
}

export type PortSide = 'input' | 'output';

/** How a port stands in a verdict. */
export interface ShownPort {
  readonly side: PortSide;
  readonly port: string;
  readonly shown: 'public' | 'committed' | 'hidden';
  /** Of a committed port, hex. */
  readonly commitmentName: string | null;
  readonly state: CheckState;
}

/** Why a receipt is rejected. `E` is what the verification of a proof answers. */
export type VerdictReason<E> =
  | { readonly kind: 'verdict/receipt'; readonly error: ReceiptError }
  | { readonly kind: 'verdict/signature' }
  | { readonly kind: 'verdict/prover-key'; readonly expected: string; readonly actual: string }
  | { readonly kind: 'verdict/model-name'; readonly expected: string; readonly actual: string }
  | { readonly kind: 'verdict/model'; readonly field: 'root' | 'yReg' | 'title' | 'weights' }
  | { readonly kind: 'verdict/program'; readonly expected: string; readonly actual: string }
  | { readonly kind: 'verdict/security'; readonly expected: number; readonly actual: number }
  | { readonly kind: 'verdict/suite'; readonly field: 'name' | 'securityBits' | 'parameters' }
  | {
      readonly kind: 'verdict/ports';
      readonly side: PortSide;
      readonly of: 'receipt' | 'own';
      readonly expected: readonly string[];
    }
  | {
      readonly kind: 'verdict/port-length';
      readonly side: PortSide;
      readonly of: 'receipt' | 'own';
      readonly port: string;
      readonly expected: number;
      readonly actual: number;
    }
  /** `index` is the first difference, or null where the receipt has only a digest. */
  | { readonly kind: 'verdict/input'; readonly port: string; readonly index: number | null }
  | { readonly kind: 'verdict/output'; readonly port: string; readonly index: number | null }
  /** A value of the verifier's own for a port of which the receipt shows none. */
  | {
      readonly kind: 'verdict/not-shown';
      readonly side: PortSide;
      readonly port: string;
      readonly shown: 'committed' | 'hidden';
    }
  /** A name of the verifier's own: the port is committed under another one, or (null) not committed. */
  | {
      readonly kind: 'verdict/commitment-name';
      readonly side: PortSide;
      readonly port: string;
      readonly expected: string;
      readonly actual: string | null;
    }
  /** What the receipt shows and hides is not possible for this key. */
  | { readonly kind: 'verdict/visibility'; readonly error: ArgumentError }
  | { readonly kind: 'verdict/values-needed'; readonly side: PortSide; readonly port: string }
  | { readonly kind: 'verdict/nonce'; readonly expected: string; readonly actual: string }
  | { readonly kind: 'verdict/proof-needed'; readonly file: string }
  | { readonly kind: 'verdict/proof-digest' }
  | { readonly kind: 'verdict/proof'; readonly error: E };

export interface Verdict<E> {
  readonly accepted: boolean;
  /** Null exactly when accepted. */
  readonly reason: VerdictReason<E> | null;
  readonly checked: Checked;
  /** Provable bits of the key's parameters: what an accepted verdict is worth. */
  readonly securityBits: number;
  /** The name of the model in the verifying key, hex: what `own.modelName` is compared with. */
  readonly modelName: string;
  /** What was shown of each port, inputs first; empty until ports are reached. */
  readonly ports: readonly ShownPort[];
  /** The decoded receipt, null if it is none. Its contents are claims unless `accepted`. */
  readonly receipt: Receipt | null;
}

/** The verifier's own values, each compared with the receipt where given. */
export interface OwnValues {
  /** `modelName` of the model that the verifier expects, hex: it names the weights, not what is done with them. */
  readonly modelName?: string | undefined;
  /** Digest of the program that the verifier expects, hex: what is done with the weights. */
  readonly program?: string | undefined;
  /** Fewest provable bits that are accepted. @default 100 */
  readonly securityBits?: number | undefined;
  /** Values of all public inputs; of the others nothing can be compared but names. */
  readonly inputs?: ReadonlyMap<string, Int32Array> | undefined;
  readonly outputs?: ReadonlyMap<string, Int32Array> | undefined;
  /** `commitmentName`, hex, of committed ports by port name. */
  readonly inputNames?: ReadonlyMap<string, string> | undefined;
  readonly outputNames?: ReadonlyMap<string, string> | undefined;
  readonly nonce?: Uint8Array | undefined;
  /** Ed25519 public key of the prover that the verifier expects. */
  readonly proverKey?: Uint8Array | undefined;
  /** The proof, for receipts that do not carry it. */
  readonly proof?: Uint8Array | undefined;
}
