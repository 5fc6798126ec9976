// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {List, Lists, Opening} from "../interfaces/Commitments.sol";
import {IFraudVerifier} from "../interfaces/IFraudVerifier.sol";
import {Tensor} from "./Codec.sol";
import {Trees} from "./Trees.sol";

/// Opened leaves of one tensor: `table` is an open-addressed hash table of words
/// (leaf + 1) << 64 | position of its data in calldata, of 2^(128 − shift) entries, hashed by the leading bits
/// of multiples of the golden ratio; `leaf` (plus 1) and `data` remember the last one read.
struct Source {
    uint256 table;
    uint256 shift;
    uint256 list;
    uint256 index;
    uint256 leaf;
    uint256 data;
}

/// The openings of a proof: their tensors as list << 32 | index, and which of them a descriptor has mentioned.
struct Opened {
    uint256[] keys;
    bool[] mentioned;
    /// List in memory of the tensors mentioned so far: key, form, table, mask, the one before or 0.
    uint256 mentions;
}

/// @title Openings, each checked against its list's root when the descriptor first mentions its tensor:
///   only then is its depth known.
library Openings {
    /// Solidity's zero slot: a table of one empty entry.
    uint256 private constant EMPTY = 0x60;

    function start(Opening[] calldata openings) internal pure returns (Opened memory o) {
        uint256 n = openings.length;
        o.keys = new uint256[](n);
        o.mentioned = new bool[](n);
        for (uint256 i = 0; i < n; i++) {
            o.keys[i] = (uint256(openings[i].list) << 32) | openings[i].index;
        }
    }

    /// The opened leaves of a tensor, of which there may be none.
    function source(
        Lists calldata lists,
        Opening[] calldata openings,
        Opened memory o,
        Tensor memory t
    ) internal pure returns (Source memory s) {
        s.list = t.list;
        s.index = t.index;
        (s.table, s.shift) = _mention(lists, openings, o, t);
    }

    /// Every opening is the first of a tensor that was mentioned.
    function finish(Opened memory o) internal pure {
        for (uint256 i = 0; i < o.mentioned.length; i++) {
            if (!o.mentioned[i]) revert IFraudVerifier.OpeningRejected(i);
        }
    }

    /// The opening's root is at its index in its list, whose places beyond its length hold padding.
    function checkPath(Lists calldata lists, Opening calldata opening, uint256 i) internal pure {
        uint256 list = uint256(opening.list);
        uint256 depth = Trees.depth(lists.lengths[list]);
        if (
            opening.path.length != depth || uint256(opening.index) >> depth != 0
                || Trees.pathRoot(opening.root, opening.index, opening.path) != lists.roots[list]
        ) revert IFraudVerifier.OpeningRejected(i);
    }

    function checkLeaves(Opening calldata opening, uint256 depth, uint256 i) internal pure {
        bytes32 root = Trees.multiproofRoot(opening.leaves, opening.data, opening.siblings, depth);
        if (root != opening.root) revert IFraudVerifier.OpeningRejected(i);
    }

    /// Element at `position` of the leaf order.
    function read(Source memory s, uint256 position) internal pure returns (int256) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := s
        }
        return readAt(pointer, position);
    }

    /// `read` of a pointer to a source.
    function readAt(uint256 s, uint256 position) internal pure returns (int256 v) {
        uint256 place = locate(s, position);
        assembly ("memory-safe") {
            v := sar(224, calldataload(place))
        }
    }

    /// Where in calldata that element is; s points to a source.
    function locate(uint256 s, uint256 position) internal pure returns (uint256 place) {
        assembly ("memory-safe") {
            let tag := add(shr(5, position), 1)
            place := mload(add(s, 0xa0))
            if iszero(eq(tag, mload(add(s, 0x80)))) {
                let table := mload(s)
                let shift := mload(add(s, 0x20))
                let mask := shr(shift, 0xffffffffffffffffffffffffffffffff)
                let b := and(shr(shift, mul(tag, 0x9e3779b97f4a7c15f39cc0605cedc835)), mask)
                let entry := mload(add(table, shl(5, b)))
                for {} iszero(or(iszero(entry), eq(shr(64, entry), tag))) {} {
                    b := and(add(b, 1), mask)
                    entry := mload(add(table, shl(5, b)))
                }
                place := and(entry, 0xffffffffffffffff)
                if entry {
                    mstore(add(s, 0x80), tag)
                    mstore(add(s, 0xa0), place)
                }
            }
            // No data of a leaf is at 0.
            if place { place := add(place, shl(2, and(position, 31))) }
        }
        if (place == 0) _missing(s, position >> 5);
    }

    function _missing(uint256 s, uint256 leaf) private pure {
        List list;
        uint32 index;
        assembly ("memory-safe") {
            list := mload(add(s, 0x40))
            index := mload(add(s, 0x60))
        }
        revert IFraudVerifier.LeafNotOpened(list, index, uint32(leaf));
    }

    function _mention(
        Lists calldata lists,
        Opening[] calldata openings,
        Opened memory o,
        Tensor memory t
    ) private pure returns (uint256 table, uint256 shift) {
        uint256 key = (t.list << 32) | t.index;
        bytes32 form = t.form;
        uint256 known = o.mentions;
        while (known != 0) {
            bool same;
            bool alike;
            assembly ("memory-safe") {
                same := eq(mload(known), key)
                alike := eq(mload(add(known, 0x20)), form)
                table := mload(add(known, 0x40))
                shift := mload(add(known, 0x60))
                known := mload(add(known, 0x80))
            }
            if (!same) continue;
            if (!alike) revert IFraudVerifier.DescriptorRejected();
            return (table, shift);
        }
        (table, shift) = _open(lists, openings, o, t, key);
        uint256 last = o.mentions;
        assembly ("memory-safe") {
            known := mload(0x40)
            mstore(0x40, add(known, 0xa0))
            mstore(known, key)
            mstore(add(known, 0x20), form)
            mstore(add(known, 0x40), table)
            mstore(add(known, 0x60), shift)
            mstore(add(known, 0x80), last)
        }
        o.mentions = known;
    }

    /// Checks the opening of a tensor, if there is one.
    function _open(
        Lists calldata lists,
        Opening[] calldata openings,
        Opened memory o,
        Tensor memory t,
        uint256 key
    ) private pure returns (uint256 table, uint256 shift) {
        for (uint256 i = 0; i < o.keys.length; i++) {
            if (o.keys[i] != key) continue;
            if (t.index >= lists.lengths[t.list]) revert IFraudVerifier.OpeningRejected(i);
            checkPath(lists, openings[i], i);
            checkLeaves(openings[i], Trees.depth(Trees.leafCount(t.count)), i);
            o.mentioned[i] = true;
            return _index(openings[i]);
        }
        return (EMPTY, 128);
    }

    /// At most half full, so that every search ends at an empty entry.
    function _index(Opening calldata opening) private pure returns (uint256 table, uint256 shift) {
        uint32[] calldata leaves = opening.leaves;
        bytes calldata data = opening.data;
        uint256 bits = 1 + Trees.depth(leaves.length);
        shift = 128 - bits;
        assembly ("memory-safe") {
            table := mload(0x40)
            let size := shl(bits, 0x20)
            mstore(0x40, add(table, size))
            calldatacopy(table, calldatasize(), size)
            let mask := shr(shift, 0xffffffffffffffffffffffffffffffff)
            for { let i := 0 } lt(i, leaves.length) { i := add(i, 1) } {
                let tag := add(calldataload(add(leaves.offset, shl(5, i))), 1)
                let b := and(shr(shift, mul(tag, 0x9e3779b97f4a7c15f39cc0605cedc835)), mask)
                for {} mload(add(table, shl(5, b))) {} { b := and(add(b, 1), mask) }
                mstore(add(table, shl(5, b)), or(shl(64, tag), add(data.offset, shl(7, i))))
            }
        }
    }
}
