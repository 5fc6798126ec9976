// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Kind} from "../interfaces/Commitments.sol";

/// @title Hashes, roots and paths of Commitments.sol.
/// @dev Nodes of one tensor or list only ever meet nodes of the same height, because every depth is fixed
///   by the model's record or by a descriptor: leaf and node hashes need no tags.
library Trees {
    error ElementsMisaligned(uint256 bytesLength);
    error MultiproofMalformed();

    uint256 internal constant LEAF_ELEMENTS = 32;
    uint256 internal constant LEAF_BYTES = 128;

    /// H(left ‖ right).
    function node(bytes32 left, bytes32 right) internal pure returns (bytes32 h) {
        assembly ("memory-safe") {
            mstore(0, left)
            mstore(0x20, right)
            h := keccak256(0, 0x40)
        }
    }

    /// Z_level: the root of 2^level leaves that are all padding.
    function zero(uint256 level) internal pure returns (bytes32 z) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, calldatasize(), 128)
            z := keccak256(free, 128)
        }
        for (uint256 k = 0; k < level; k++) {
            z = node(z, z);
        }
    }

    /// ceil(log2(count)); 0 for none and for one.
    function depth(uint256 count) internal pure returns (uint256 d) {
        // Bits of count − 1.
        assembly ("memory-safe") {
            d := mul(gt(count, 1), sub(256, clz(sub(count, 1))))
        }
    }

    /// Leaves of a tensor of that many elements.
    function leafCount(uint256 elements) internal pure returns (uint256) {
        return (elements + LEAF_ELEMENTS - 1) / LEAF_ELEMENTS;
    }

    /// H(0x01 ‖ uint8 kind ‖ body).
    function relation(Kind kind, bytes calldata body) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x01), uint8(kind), body));
    }

    /// Root of a tensor from all its elements: int32 big-endian in leaf order. Of none: Z_0.
    function tensorRoot(bytes calldata elements) internal pure returns (bytes32) {
        if (elements.length % 4 != 0) revert ElementsMisaligned(elements.length);
        uint256 count = (elements.length + LEAF_BYTES - 1) / LEAF_BYTES;
        if (count == 0) return zero(0);
        bytes32[] memory level = new bytes32[](count);
        bytes32 padding;
        assembly ("memory-safe") {
            let free := mload(0x40)
            let from := elements.offset
            let end := add(from, elements.length)
            let to := add(level, 0x20)
            for {} lt(from, end) { from := add(from, 128) } {
                let size := sub(end, from)
                if gt(size, 128) { size := 128 }
                calldatacopy(free, calldatasize(), 128)
                calldatacopy(free, from, size)
                mstore(to, keccak256(free, 128))
                to := add(to, 0x20)
            }
            calldatacopy(free, calldatasize(), 128)
            padding := keccak256(free, 128)
        }
        return _reduce(level, padding);
    }

    /// Root of a list of tensor roots, padded with 0. Of none: 0. Overwrites `roots`.
    function listRoot(bytes32[] memory roots) internal pure returns (bytes32) {
        return roots.length == 0 ? bytes32(0) : _reduce(roots, bytes32(0));
    }

    /// Root above the node at `position` of its level, by its path: siblings from there upwards.
    /// The caller checks the length of the path and that `position` < 2^length.
    function pathRoot(bytes32 h, uint256 position, bytes32[] calldata path)
        internal
        pure
        returns (bytes32)
    {
        assembly ("memory-safe") {
            let s := path.offset
            let end := add(s, shl(5, path.length))
            for {} lt(s, end) { s := add(s, 0x20) } {
                let own := shl(5, and(position, 1))
                mstore(own, h)
                mstore(xor(own, 0x20), calldataload(s))
                h := keccak256(0, 0x40)
                position := shr(1, position)
            }
        }
        return h;
    }

    /// Root of a tree of 2^treeDepth leaves, some of which are given: strictly increasing positions, 128
    /// bytes each, and the siblings that they lack, level by level from the leaves upwards, left to right.
    /// Reverts unless there is at least one leaf, all positions are inside and all siblings are used.
    function multiproofRoot(
        uint32[] calldata leaves,
        bytes calldata data,
        bytes32[] calldata siblings,
        uint256 treeDepth
    ) internal pure returns (bytes32 root) {
        uint256 count = leaves.length;
        if (count == 0 || data.length != count * LEAF_BYTES) revert MultiproofMalformed();
        // Pairs (position, hash), overwritten level by level.
        bool ok;
        assembly ("memory-safe") {
            let nodes := mload(0x40)
            let buffer := add(nodes, shl(6, count))
            ok := 1
            let previous := 0
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                let leaf := calldataload(add(leaves.offset, shl(5, i)))
                ok := and(ok, or(iszero(i), gt(leaf, previous)))
                previous := leaf
                calldatacopy(buffer, add(data.offset, shl(7, i)), 128)
                let pair := add(nodes, shl(6, i))
                mstore(pair, leaf)
                mstore(add(pair, 0x20), keccak256(buffer, 128))
            }
            // The largest position decides for all.
            ok := and(ok, iszero(shr(treeDepth, previous)))
            let s := siblings.offset
            let end := add(s, shl(5, siblings.length))
            let last := add(nodes, shl(6, count))
            for { let d := 0 } lt(d, treeDepth) { d := add(d, 1) } {
                let to := nodes
                for { let from := nodes } lt(from, last) {} {
                    let position := mload(from)
                    switch and(position, 1)
                    case 0 {
                        mstore(0, mload(add(from, 0x20)))
                        from := add(from, 0x40)
                        let paired := 0
                        if lt(from, last) { paired := eq(mload(from), add(position, 1)) }
                        switch paired
                        case 0 {
                            mstore(0x20, calldataload(s))
                            s := add(s, 0x20)
                        }
                        default {
                            mstore(0x20, mload(add(from, 0x20)))
                            from := add(from, 0x40)
                        }
                    }
                    default {
                        mstore(0, calldataload(s))
                        s := add(s, 0x20)
                        mstore(0x20, mload(add(from, 0x20)))
                        from := add(from, 0x40)
                    }
                    mstore(to, shr(1, position))
                    mstore(add(to, 0x20), keccak256(0, 0x40))
                    to := add(to, 0x40)
                }
                last := to
            }
            ok := and(ok, eq(s, end))
            root := mload(add(nodes, 0x20))
        }
        if (!ok) revert MultiproofMalformed();
    }

    /// Halves a level until one node is left; an odd end meets the padding of its height.
    function _reduce(bytes32[] memory level, bytes32 padding) private pure returns (bytes32) {
        uint256 count = level.length;
        while (count > 1) {
            uint256 half = (count + 1) / 2;
            for (uint256 i = 0; i < half; i++) {
                bytes32 right = 2 * i + 1 < count ? level[2 * i + 1] : padding;
                level[i] = node(level[2 * i], right);
            }
            padding = node(padding, padding);
            count = half;
        }
        return level[0];
    }
}
