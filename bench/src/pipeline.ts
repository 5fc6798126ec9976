import type { Engine } from '@assay/core/engine';
import type { ProfileName } from './profiles.ts';

/** Float tensors by name, row major, each in the shape of the model's interface for one sample. */
export type Tensors = Readonly<Record<string, Float32Array>>;

export interface CompileRequest {
  readonly name: string;
  readonly model: Uint8Array;
  /** Calibration samples. */
  readonly samples: readonly Tensors[];
  /** Where the bundle goes: does not exist yet. */
  readonly folder: string;
  /** For bundles whose weights will be hidden. */
  readonly privateWeights: boolean;
}

export interface SetupRequest {
  readonly folder: string;
  readonly profile: ProfileName;
  /** Proofs that hidden weights are to be good for. */
  readonly proofs: number;
  readonly threads: number;
  /** Provable bits aimed at. */
  readonly securityBits: number;
}

export interface KeySizes {
  readonly provingKeyBytes: number;
  readonly verifyingKeyBytes: number;
}

/** What a model's commitment came to. */
export interface SetUp {
  readonly sizes: KeySizes;
  /** Weights of the model. */
  readonly parameters: number;
  /** Hidden weights: the registration proof, and the part of setup that it took. */
  readonly registration: { readonly ms: number; readonly proofBytes: number } | null;
}

/** A proof with what it is about, in whatever form the session wants it back. */
export interface Proven<S = unknown> {
  readonly proof: Uint8Array;
  readonly statement: S;
  readonly outputs: Tensors;
  /** Time per stage of the prover, in order. */
  readonly stages: readonly { readonly name: string; readonly ms: number }[];
}

/** An opened bundle: keys and weights loaded, worker pool started. */
export interface Session<S = unknown> {
  readonly threads: number;
  /** Provable bits of the parameters in use. */
  readonly securityBits: number;
  readonly zk: boolean;
  /** What proofs do not show; empty unless `zk`. */
  readonly hidden: readonly string[];
  /** Plain execution of the integer program, dequantized. */
  infer(inputs: Tensors): Promise<Tensors>;
  /** @param nonce - Part of the statement: another one makes another transcript. */
  prove(inputs: Tensors, nonce?: Uint8Array): Promise<Proven<S>>;
  /** Null when accepted, else the kind of the rejection. */
  verify(proof: Uint8Array, statement: S): string | null;
  /** The same with a key that is prepared, hidden weights' registration verified: at the first call. */
  verifyPrepared(proof: Uint8Array, statement: S): string | null;
  /** The same for the registration proof of hidden weights; null where weights are public. */
  readonly verifyModel: (() => string | null) | null;
  close(): Promise<void>;
}

/** What the bench measures. Everything goes through a bundle on disk, as it does for a user. */
export interface Pipeline {
  compile(request: CompileRequest): Promise<void>;
  setup(request: SetupRequest): Promise<SetUp>;
  /** @param wrap - what the session works on instead of its engine: to look at what it does */
  open(folder: string, threads: number, wrap?: (engine: Engine) => Engine): Promise<Session>;
  /** Several bundles on one engine, which ends with the first of them. */
  openTogether(folders: readonly string[], threads: number): Promise<readonly Session[]>;
  /** The float model's outputs (onnxruntime). */
  float(model: Uint8Array, samples: readonly Tensors[]): Promise<Tensors[]>;
}
