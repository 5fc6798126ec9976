/** Float tensors by name, row major, each in the shape of the model's interface for one sample. */
export type Tensors = Readonly<Record<string, Float32Array>>;

export interface CompileRequest {
  readonly name: string;
  readonly model: Uint8Array;
  /** Calibration samples. */
  readonly samples: readonly Tensors[];
  /** Where the bundle goes: does not exist yet. */
  readonly folder: string;
  /** Provable bits aimed at. */
  readonly securityBits: number;
}

export interface KeySizes {
  readonly provingKeyBytes: number;
  readonly verifyingKeyBytes: number;
}

export interface Proven {
  readonly proof: Uint8Array;
  readonly outputs: Tensors;
  /** Time per stage of the prover, in order. */
  readonly stages: readonly { readonly name: string; readonly ms: number }[];
}

/** An opened bundle: keys and weights loaded, worker pool started. */
export interface Session {
  readonly threads: number;
  /** Provable bits of the parameters in use. */
  readonly securityBits: number;
  readonly zk: boolean;
  /** Plain execution of the integer program, dequantized. */
  infer(inputs: Tensors): Promise<Tensors>;
  prove(inputs: Tensors): Promise<Proven>;
  /** Null when accepted, else the kind of the rejection. */
  verify(proof: Uint8Array, inputs: Tensors, outputs: Tensors): string | null;
  close(): Promise<void>;
}

/** What the bench measures. Everything goes through a bundle on disk, as it does for a user. */
export interface Pipeline {
  compile(request: CompileRequest): Promise<void>;
  setup(folder: string, threads: number): Promise<KeySizes>;
  open(folder: string, threads: number): Promise<Session>;
  /** The float model's outputs (onnxruntime). */
  float(model: Uint8Array, samples: readonly Tensors[]): Promise<Tensors[]>;
}
