// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FraudProof, List, Lists, PaddingProof, RelationRef} from "./Commitments.sol";

/// Pure: no storage, no clock, no caller. Reverts on anything malformed; false when the relation holds.
/// The functions of the same names in packages/program/src/trace define the same: tests compare the two at random.
interface IFraudVerifier {
    /// The body is not the relation at that index under the relations root.
    error RelationNotInProgram();
    error ElementOutOfDomain();
    /// Not under the root of its list, not its leaves', of a tensor that the relation does not mention, or a
    /// second one of its tensor.
    error OpeningRejected(uint256 opening);
    /// The check reads a leaf that no opening holds.
    error LeafNotOpened(List list, uint32 index, uint32 leaf);
    /// The body is no descriptor within the limits of the codec.
    error DescriptorRejected();
    /// Whether the relation does not hold at the element. What is read, and has to be opened: of a view all its
    /// gather tables, and its element unless a coordinate is outside; of an einsum, for each term, the tables of
    /// both operands, and both elements unless one is outside; of a lookup the value and all keys, and the
    /// table unless a key is outside. More may be opened.
    function violated(Lists calldata lists, FraudProof calldata proof) external pure returns (bool);
    /// Whether padding of the submission is not canonical (PaddingProof).
    function paddingViolated(Lists calldata lists, PaddingProof calldata proof)
        external
        pure
        returns (bool);

    /// The tensor that a relation of the program mentions at `slot`, in the order of its body: what fixes the
    /// depth of a tree that someone else has committed. Reverts like `violated` where there is none.
    /// @param relations Root of the list of `relationCount` relations.
    /// @param elements Product of the tensor's shape.
    function mentioned(
        bytes32 relations,
        uint32 relationCount,
        RelationRef calldata mention,
        uint8 slot
    ) external pure returns (List list, uint32 index, uint256 elements);
}
