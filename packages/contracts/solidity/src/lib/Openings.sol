// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {List, Lists, Opening} from "../interfaces/Commitments.sol";
import {IFraudVerifier} from "../interfaces/IFraudVerifier.sol";
import {Tensor} from "./Codec.sol";
import {Trees} from "./Trees.sol";

/// Opened leaves of one tensor: `table` is an open-addressed hash table of words
/// (leaf + 1) << 64 | position of its data in calldata; `leaf` (plus 1) and `data` remember the last one read.
struct Source {
    uint256 table;
    uint256 mask;
    uint256 list;
    uint256 index;
    uint256 leaf;
    uint256 data;
}

/// A tensor that the descriptor has mentioned.
struct Mention {
    uint256 key; // list << 32 | index
    bytes32 form;
    uint256 table;
    uint256 mask;
    uint256 next; // the mention before it, 0 for none
}

/// The openings of a proof: their tensors, and which of them a descriptor has mentioned.
struct Opened {
    uint256[] keys;
    bool[] mentioned;
    uint256 mentions; // last of the list
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
        Mention memory m = _mention(lists, openings, o, t);
        s.table = m.table;
        s.mask = m.mask;
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
        bytes32 root =
            Trees.multiproofRoot(opening.leaves, opening.data, opening.siblings, depth);
        if (root != opening.root) revert IFraudVerifier.OpeningRejected(i);
    }

    /// Element at `position` of the leaf order.
    function read(Source memory s, uint256 position) internal pure returns (int256 v) {
        unchecked {
            uint256 tag = (position >> 5) + 1;
            uint256 data = s.data;
            if (tag != s.leaf) {
                data = find(s, tag);
                s.leaf = tag;
                s.data = data;
            }
            return element(data, position);
        }
    }

    /// Where the data of leaf `tag` − 1 is in calldata.
    function find(Source memory s, uint256 tag) internal pure returns (uint256 data) {
        uint256 table = s.table;
        uint256 mask = s.mask;
        uint256 entry;
        assembly ("memory-safe") {
            let b := and(shr(7, mul(tag, 0x9e3779b97f4a7c15f39cc0605cedc835)), mask)
            for {} 1 {} {
                entry := mload(add(table, shl(5, b)))
                if or(iszero(entry), eq(shr(64, entry), tag)) { break }
                b := and(add(b, 1), mask)
            }
        }
        if (entry == 0) {
            revert IFraudVerifier.LeafNotOpened(List(s.list), uint32(s.index), uint32(tag - 1));
        }
        return uint64(entry);
    }

    /// Element `position` mod 32 of a leaf.
    function element(uint256 data, uint256 position) internal pure returns (int256 v) {
        assembly ("memory-safe") {
            v := signextend(3, shr(224, calldataload(add(data, shl(2, and(position, 31))))))
        }
    }

    function _mention(
        Lists calldata lists,
        Opening[] calldata openings,
        Opened memory o,
        Tensor memory t
    ) private pure returns (Mention memory m) {
        uint256 key = (t.list << 32) | t.index;
        for (uint256 known = o.mentions; known != 0; known = m.next) {
            assembly ("memory-safe") {
                m := known
            }
            if (m.key != key) continue;
            if (m.form != t.form) revert IFraudVerifier.DescriptorRejected();
            return m;
        }
        m = Mention(key, t.form, EMPTY, 0, o.mentions);
        for (uint256 i = 0; i < o.keys.length; i++) {
            if (o.keys[i] != key) continue;
            if (t.index >= lists.lengths[t.list]) revert IFraudVerifier.OpeningRejected(i);
            checkPath(lists, openings[i], i);
            checkLeaves(openings[i], Trees.depth(Trees.leafCount(t.count)), i);
            (m.table, m.mask) = _index(openings[i]);
            o.mentioned[i] = true;
            break;
        }
        uint256 added;
        assembly ("memory-safe") {
            added := m
        }
        o.mentions = added;
    }

    /// At most half full, so that every search ends at an empty entry.
    function _index(Opening calldata opening) private pure returns (uint256 table, uint256 mask) {
        uint32[] calldata leaves = opening.leaves;
        bytes calldata data = opening.data;
        uint256 size = 2 << Trees.depth(leaves.length);
        mask = size - 1;
        assembly ("memory-safe") {
            table := mload(0x40)
            mstore(0x40, add(table, shl(5, size)))
            calldatacopy(table, calldatasize(), shl(5, size))
            for { let i := 0 } lt(i, leaves.length) { i := add(i, 1) } {
                let tag := add(calldataload(add(leaves.offset, shl(5, i))), 1)
                let b := and(shr(7, mul(tag, 0x9e3779b97f4a7c15f39cc0605cedc835)), mask)
                for {} mload(add(table, shl(5, b))) {} { b := and(add(b, 1), mask) }
                mstore(add(table, shl(5, b)), or(shl(64, tag), add(data.offset, shl(7, i))))
            }
        }
    }
}
