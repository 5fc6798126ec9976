// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FraudProof, List, Lists, PaddingProof} from "./Commitments.sol";

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
}

