// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What is committed: tensors, lists of tensors, relations.
/// @dev keccak-256 everywhere; elements are int32, big-endian two's complement.
///   leaf      = H(e_0 ‖ … ‖ e_31), 128 bytes, elements in the tensor's leaf order
///   node      = H(left ‖ right)
///   tensor    : leaves padded with Z_0 = H(0^128) to 2^depth, depth = ceil(log2(ceil(n / 32)));
///               Z_{k+1} = H(Z_k ‖ Z_k); elements n.. of the last real leaf are 0
///   list      : tensor roots padded with bytes32(0) to a power of two; depth fixed by the model record
///   relation  = H(0x01 ‖ uint8 kind ‖ body); relations form a list like tensors do.
/// Packed codec of a body: big-endian fixed-width integers, arrays as u8 count ‖ items:
///   shape  = u8 rank ‖ u32[rank]                                     rank <= 8 (domain ++ sum <= 12)
///   tref   = u8 list ‖ u32 index ‖ shape ‖ u8 order[rank]            product of the shape < 2^31
///   strides = u8 count ‖ (u8 axis ‖ i32 stride)[count]
///   factor = 00 ‖ i32 offset ‖ strides          one storage axis: u = offset + Σ stride · i[axis]
///          | 01 ‖ u8 axis ‖ tref                one storage axis: u = table[i[axis]], a Constant of rank 1
///          | 02 ‖ u8 storageAxes ‖ u8 count ‖ u8 axis[count]
///                                               storageAxes consecutive storage axes: their row-major
///                                               flat index is the row-major flat index of the axes
///   view   = tref ‖ u8 count ‖ factor[count]    factors cover the storage axes in order; a coordinate
///                                               outside its axis reads 0
///   form   = i64 bias ‖ u8 count ‖ (i64 coef ‖ view)[count]          count <= 16
///   Linear = shape domain ‖ form
///   Einsum = shape domain ‖ shape sum ‖ u32 chunk ‖ i64 scale ‖ view x ‖ view y ‖ u8 0|1 ‖ [tref partials]
///            ‖ form claim
///   Range  = shape domain ‖ i64 lo ‖ i64 hi ‖ form
///   Lookup = shape domain ‖ form value ‖ tref table ‖ coord[rank of table]
///   coord  = 00 ‖ i32 offset ‖ strides  |  01 ‖ i32 base ‖ form
/// Trailing or missing bytes are rejected. Depths come from the record or from a tref, never from a proof.
/// Limits: lengths >= 1 and every shape's product < 2^31; i64 within ±(2^53 − 1); at most 12 strides or axes a
/// factor; a gather's table is as long as its axis, a reshape keeps the number of elements; chunk a power of two
/// <= 1024, and partials iff there are several chunks; a lookup's table is a Constant; all mentions of one tensor
/// have one shape and order.

/// Whose root: the model's record, the job, the submission, the submission.
enum List {
    Constant,
    Input,
    Trace,
    Output
}

/// Linear: form(i) = 0.
/// Einsum: instance (c, o) of [chunks] ++ domain: P_c(o) − P_{c−1}(o) = Σ_{t in [c·chunk, (c+1)·chunk)}
///   x(o, k(t)) · y(o, k(t)), k row-major over sum, P_{−1} = 0, P_c(o) = partials[c, o…] for c < last, and for
///   the last chunk scale · P_last(o) + claim(o) = 0.
/// Range: lo <= form(i) <= hi.
/// Lookup: value(i) = table[j(i)]; coordinate t of j is form(i) − base, or offset + Σ stride · i[axis]; a
///   coordinate outside the table violates.
enum Kind {
    Linear,
    Einsum,
    Range,
    Lookup
}

/// One tensor, some of its leaves.
struct Opening {
    List list;
    uint32 index;
    /// Root of the tensor, and its path to the root of the list.
    bytes32 root;
    bytes32[] path;
    /// Strictly increasing.
    uint32[] leaves;
    /// 128 bytes for each leaf.
    bytes data;
    /// Level by level from the leaves upwards, left to right; exactly consumed.
    bytes32[] siblings;
}

struct RelationRef {
    uint32 index;
    Kind kind;
    bytes body;
    bytes32[] path;
}

/// One instance of one relation that does not hold.
struct FraudProof {
    RelationRef relation;
    /// Row-major over the relation's domain; Einsum: over [chunks] ++ domain.
    uint256 element;
    Opening[] openings;
}

/// Padding that is not canonical: a node of a tensor's tree that covers padding leaves only and is not
/// Z_level (no leaves are opened), elements beyond the tensor in its last real leaf that are not 0 (that leaf is
/// opened), or a root beyond the list's length that is not 0 (opening.index is there; all else is ignored).
/// `slot` names the tensor among those that the relation mentions, in the order of its body. Trace and Output
/// only: no other padding is the submission's.
struct PaddingProof {
    RelationRef mention;
    uint8 slot;
    Opening opening;
    uint8 level;
    uint32 position;
    bytes32 node;
    bytes32[] path;
}

/// Everything a check is made against. Roots and lengths by List.
struct Lists {
    bytes32 relations;
    uint32 relationCount;
    bytes32[4] roots;
    uint32[4] lengths;
}
