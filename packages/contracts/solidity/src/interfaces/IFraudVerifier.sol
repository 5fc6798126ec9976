// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FraudProof, List, Lists, PaddingProof, RelationRef} from "./Commitments.sol";

/// Pure: no storage, no clock, no caller. Reverts on anything malformed; false when the relation holds.
interface IFraudVerifier {
    error RelationNotInProgram();
    error ElementOutOfDomain();
    error OpeningRejected(uint256 opening);
    error LeafNotOpened(List list, uint32 index, uint32 leaf);
    error DescriptorRejected();
    error ArithmeticBound();
    function violated(Lists calldata lists, FraudProof calldata proof) external pure returns (bool);
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
