/**
 * The integer program: what a model means, as exact integers. A program is a list of tensors, the
 * relations that must hold between them (three kinds, `docs/protocol.md`), and the steps by which an
 * executor finds the tensors that satisfy them. Only relations matter to a verifier.
 */

/** Index into `Program.tensors`. */
export type TensorId = number;
/** Index into `Program.tables`. */
export type TableId = number;
/** Index into `Program.relations`. */
export type RelationId = number;

/** Closed interval of integers. */
export interface Range {
  readonly lo: number;
  readonly hi: number;
}

/**
 * input, output: values of the statement (public in the receipt in the plain profile).
 * model: committed once, under the model root. witness: committed per proof. constant: listed in the program.
 */
export type TensorRole = 'input' | 'output' | 'model' | 'witness' | 'constant';

export interface Tensor {
  readonly name: string;
  readonly role: TensorRole;
  /** Storage shape, row major. [] is a scalar. */
  readonly shape: readonly number[];
  /** Declared range of input, output, model and constant tensors. A witness tensor has none: its range is what the relations enforce. */
  readonly range: Range | null;
  /** Values of a constant, row major; null for every other role. */
  readonly data: readonly number[] | null;
  /** Index into `Program.nodes`: where it came from. */
  readonly node: number;
}

/**
 * One factor of a view: where the storage axes it covers are read, as a function of logical indices.
 * A view's factors cover the storage axes in order. Each logical axis occurs in at most one factor;
 * a logical axis in none of them is a broadcast.
 */
export type ViewFactor =
  /** One storage axis: u = offset + Σ stride·i_axis; reads zero when u is outside [0, length). */
  | {
      readonly kind: 'affine';
      readonly offset: number;
      readonly strides: readonly { readonly axis: number; readonly stride: number }[];
    }
  /** One storage axis: u = indices[i_axis]; −1 reads zero. */
  | { readonly kind: 'gather'; readonly axis: number; readonly indices: readonly number[] }
  /**
   * `storageAxes` consecutive storage axes whose row-major flat index equals the row-major flat index
   * of the logical axes `axes` (products of lengths are equal): a carry view.
   */
  | { readonly kind: 'reshape'; readonly storageAxes: number; readonly axes: readonly number[] };

export type View = readonly ViewFactor[];

/** coefficient · Σ_{sums} V(tensor), V over the logical axes dims ++ sums. */
export interface Term {
  readonly tensor: TensorId;
  readonly coefficient: number;
  readonly view: View;
  /** Lengths of extra logical axes, appended to the form's own, that are summed over. Mostly []. */
  readonly sums: readonly number[];
}

/** Σ terms + constant, elementwise over the form's logical axes. */
export interface Form {
  readonly terms: readonly Term[];
  readonly constant: number;
}

/** coefficient · Σ_{sums} left·right; both operands are forms over the logical axes dims ++ sums. */
export interface Product {
  readonly coefficient: number;
  readonly sums: readonly number[];
  readonly left: Form;
  readonly right: Form;
}

export type Relation =
  /** form + Σ products = 0 at every index of dims. Linear if there are no products, einsum otherwise. */
  | {
      readonly kind: 'zero';
      readonly dims: readonly number[];
      readonly form: Form;
      readonly products: readonly Product[];
      /**
       * Interval of (Σ products + terms of model tensors), declared because it follows from weights
       * which the verifier does not have: checked when the model is committed (`checkModel`).
       * Null: computed from the operands' ranges.
       */
      readonly declared: Range | null;
      readonly node: number;
    }
  /** (entries) is a row of the table at every index of dims. One entry per table column. */
  | {
      readonly kind: 'lookup';
      readonly dims: readonly number[];
      readonly table: TableId;
      readonly entries: readonly Form[];
      readonly node: number;
    };

/** Linear without products, einsum otherwise. */
export type ZeroRelation = Extract<Relation, { kind: 'zero' }>;
export type LookupRelation = Extract<Relation, { kind: 'lookup' }>;

/** A table column as a function of the row: piecewise linear in closed form, or listed. */
export type TableColumn =
  /** Segments cover the rows in order: value of the j-th row of a segment = start + slope·j. */
  | {
      readonly kind: 'segments';
      readonly segments: readonly {
        readonly rows: number;
        readonly start: number;
        readonly slope: number;
      }[];
    }
  | { readonly kind: 'listed'; readonly values: readonly number[] };

/** A relation of `rows` tuples. The first `keys` columns are the key: rows are distinct in them, and the rest is a function of them. */
export interface Table {
  readonly name: string;
  readonly rows: number;
  readonly keys: number;
  readonly columns: readonly TableColumn[];
}

/** How an executor finds witness and output tensors, in order. Each such tensor is produced by exactly one step. */
export type Step =
  /**
   * The outputs occur linearly (identity view, no sums) in a zero relation with coefficients c_1, …, c_k, from the most
   * significant (largest |c|) to the least, each dividing the one before: mixed-radix digits. Digit i
   * (not the first) is the representative in [low, low + |c_{i−1}/c_i|); the first takes what remains. |c_k| = 1.
   */
  | {
      readonly kind: 'digits';
      readonly relation: RelationId;
      readonly outputs: readonly { readonly tensor: TensorId; readonly low: number }[];
    }
  /** Value columns of a lookup: the output tensor is the whole entry (identity view, coefficient 1). */
  | {
      readonly kind: 'lookup';
      readonly relation: RelationId;
      readonly outputs: readonly { readonly column: number; readonly tensor: TensorId }[];
    }
  /**
   * Zero relation c·q⊙D + (remainder with coefficient 1) + rest = 0, where q is the left operand (identity view) of its
   * only product, with no sums: q = floor(N / (c·D)), r = N − c·D·q, N = −rest, c·D >= 1.
   */
  | {
      readonly kind: 'divide';
      readonly relation: RelationId;
      readonly quotient: TensorId;
      readonly remainder: TensorId;
    }
  /** output = 1 at the first maximum of source along `axis`, 0 elsewhere. source is a form over the output's shape. */
  | {
      readonly kind: 'onehot';
      readonly source: Form;
      readonly axis: number;
      readonly output: TensorId;
    };

/** A float tensor of the model's interface: real value = scale · (integer − zero). */
export interface Port {
  readonly name: string;
  readonly tensor: TensorId;
  /** Shape in the model's interface; same number of elements as the tensor, row major. */
  readonly shape: readonly number[];
  readonly scale: number;
  readonly zero: number;
  /** 'label': integers that are indices or classes (scale 1). */
  readonly meaning: 'number' | 'label';
}

/** Provenance: the node of the source model that tensors and relations came from. */
export interface ProgramNode {
  readonly name: string;
  readonly operator: string;
}

export interface Program {
  readonly name: string;
  readonly tensors: readonly Tensor[];
  readonly tables: readonly Table[];
  readonly relations: readonly Relation[];
  readonly steps: readonly Step[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly nodes: readonly ProgramNode[];
}

/** Values of tensors by id: row-major integers in the storage shape. */
export type Trace = ReadonlyMap<TensorId, Int32Array>;
/** Values of the model tensors. */
export type Weights = ReadonlyMap<TensorId, Int32Array>;
