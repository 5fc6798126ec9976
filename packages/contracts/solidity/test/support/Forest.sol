// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Trees of Commitments.sol kept whole, for tests: levels[k][i] is node i at height k.
library Forest {
    uint256 internal constant LEAF_BYTES = 128;

    /// A tensor's tree over int32 elements, big-endian in leaf order.
    function tensor(bytes memory elements) internal pure returns (bytes32[][] memory levels) {
        bytes memory data = padded(elements);
        bytes32[] memory leaves = new bytes32[](data.length / LEAF_BYTES);
        for (uint256 i = 0; i < leaves.length; i++) {
            bytes32 h;
            assembly ("memory-safe") {
                h := keccak256(add(add(data, 0x20), shl(7, i)), 128)
            }
            leaves[i] = h;
        }
        return grow(leaves, keccak256(new bytes(LEAF_BYTES)));
    }

    function list(bytes32[] memory roots) internal pure returns (bytes32[][] memory levels) {
        return grow(roots, bytes32(0));
    }

    /// Padded to a power of two.
    function grow(bytes32[] memory nodes, bytes32 padding)
        internal
        pure
        returns (bytes32[][] memory levels)
    {
        uint256 depth = 0;
        while (2 ** depth < nodes.length) depth++;
        levels = new bytes32[][](depth + 1);
        levels[0] = new bytes32[](2 ** depth);
        for (uint256 i = 0; i < levels[0].length; i++) {
            levels[0][i] = i < nodes.length ? nodes[i] : padding;
        }
        rehash(levels);
    }

    /// Recomputes all that is above the leaves.
    function rehash(bytes32[][] memory levels) internal pure {
        for (uint256 k = 1; k < levels.length; k++) {
            levels[k] = new bytes32[](levels[k - 1].length / 2);
            for (uint256 i = 0; i < levels[k].length; i++) {
                levels[k][i] = keccak256(abi.encode(levels[k - 1][2 * i], levels[k - 1][2 * i + 1]));
            }
        }
    }

    function root(bytes32[][] memory levels) internal pure returns (bytes32) {
        return levels[levels.length - 1][0];
    }

    /// Siblings from a node upwards, `count` of them.
    function path(bytes32[][] memory levels, uint256 level, uint256 position, uint256 count)
        internal
        pure
        returns (bytes32[] memory siblings)
    {
        siblings = new bytes32[](count);
        for (uint256 k = 0; k < count; k++) {
            siblings[k] = levels[level + k][position ^ 1];
            position >>= 1;
        }
    }

    function pathToRoot(bytes32[][] memory levels, uint256 level, uint256 position)
        internal
        pure
        returns (bytes32[] memory)
    {
        return path(levels, level, position, levels.length - 1 - level);
    }

    /// Descendants of a node, `down` levels below it.
    function below(bytes32[][] memory levels, uint256 level, uint256 position, uint256 down)
        internal
        pure
        returns (bytes32[] memory nodes)
    {
        nodes = new bytes32[](2 ** down);
        for (uint256 i = 0; i < nodes.length; i++) {
            nodes[i] = levels[level - down][(position << down) + i];
        }
    }

    /// Siblings that these leaves lack, level by level, left to right.
    function siblingsOf(bytes32[][] memory levels, uint32[] memory leaves)
        internal
        pure
        returns (bytes32[] memory siblings)
    {
        uint256[] memory places = new uint256[](leaves.length);
        for (uint256 i = 0; i < places.length; i++) {
            places[i] = leaves[i];
        }
        siblings = new bytes32[](leaves.length * levels.length);
        uint256 used = 0;
        uint256 count = places.length;
        for (uint256 k = 0; k + 1 < levels.length; k++) {
            uint256 to = 0;
            for (uint256 i = 0; i < count; i++) {
                uint256 p = places[i];
                if (p % 2 == 0 && i + 1 < count && places[i + 1] == p + 1) i++;
                else siblings[used++] = levels[k][p ^ 1];
                places[to++] = p / 2;
            }
            count = to;
        }
        assembly ("memory-safe") {
            mstore(siblings, used)
        }
    }

    function leavesOf(bytes memory elements, uint32[] memory leaves)
        internal
        pure
        returns (bytes memory data)
    {
        for (uint256 i = 0; i < leaves.length; i++) {
            data = bytes.concat(data, leafOf(elements, leaves[i]));
        }
    }

    /// Beyond the end: padding.
    function leafOf(bytes memory elements, uint256 leaf) internal pure returns (bytes memory data) {
        data = new bytes(LEAF_BYTES);
        uint256 from = leaf * LEAF_BYTES;
        if (from >= elements.length) return data;
        uint256 size = elements.length - from < LEAF_BYTES ? elements.length - from : LEAF_BYTES;
        assembly ("memory-safe") {
            mcopy(add(data, 0x20), add(add(elements, 0x20), from), size)
        }
    }

    function padded(bytes memory elements) internal pure returns (bytes memory data) {
        uint256 size = (elements.length + LEAF_BYTES - 1) / LEAF_BYTES * LEAF_BYTES;
        return bytes.concat(elements, new bytes(size - elements.length));
    }
}
