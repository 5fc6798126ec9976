// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Kind} from "../src/interfaces/Commitments.sol";
import {Trees} from "../src/lib/Trees.sol";
import {Cheats, vm} from "./Cheats.sol";

/// Trees against a recursive definition.
contract TreesTest is Cheats {
    function tensorRoot(bytes calldata elements) external pure returns (bytes32) {
        return Trees.tensorRoot(elements);
    }

    function multiproofRoot(
        uint32[] calldata leaves,
        bytes calldata data,
        bytes32[] calldata siblings,
        uint256 depth
    ) external pure returns (bytes32) {
        return Trees.multiproofRoot(leaves, data, siblings, depth);
    }

    function pathRoot(bytes32 h, uint256 position, bytes32[] calldata path)
        external
        pure
        returns (bytes32)
    {
        return Trees.pathRoot(h, position, path);
    }

    function relation(Kind kind, bytes calldata body) external pure returns (bytes32) {
        return Trees.relation(kind, body);
    }

    function testDepth() public pure {
        uint8[10] memory counts = [0, 1, 2, 3, 4, 5, 8, 9, 16, 17];
        uint8[10] memory depths = [0, 0, 1, 2, 2, 3, 3, 4, 4, 5];
        for (uint256 i = 0; i < 10; i++) {
            assertEq(Trees.depth(counts[i]), depths[i], "depth");
        }
        assertEq(Trees.depth(2 ** 26), 26, "depth");
        assertEq(Trees.depth(2 ** 26 + 1), 27, "depth");
        assertEq(Trees.leafCount(1), 1, "leaves");
        assertEq(Trees.leafCount(32), 1, "leaves");
        assertEq(Trees.leafCount(33), 2, "leaves");
    }

    function testZero() public pure {
        bytes32 z = keccak256(new bytes(128));
        for (uint256 level = 0; level < 5; level++) {
            assertEq(Trees.zero(level), z, "zero");
            z = keccak256(abi.encodePacked(z, z));
        }
    }

    function testRelation() public view {
        assertEq(this.relation(Kind.Lookup, hex"aabb"), keccak256(hex"0103aabb"), "relation");
    }

    function testTensorRoot() public {
        assertEq(this.tensorRoot(""), keccak256(new bytes(128)), "empty");
        for (uint256 size = 4; size <= 4096; size += size < 300 ? 4 : 332) {
            bytes memory elements = new bytes(size);
            for (uint256 i = 0; i < size; i++) {
                elements[i] = bytes1(uint8(uint256(keccak256(abi.encode(size, i)))));
            }
            // Dirt after the argument must not matter.
            bytes memory call = abi.encodePacked(
                abi.encodeCall(this.tensorRoot, (elements)), keccak256("dirt"), keccak256("more")
            );
            (, bytes memory result) = address(this).staticcall(call);
            uint256 leaves = (size + 127) / 128;
            uint256 d = 0;
            while (2 ** d < leaves) d++;
            assertEq(abi.decode(result, (bytes32)), _root(elements, d, 0), "tensor");
        }
        vm.expectRevert(abi.encodeWithSelector(Trees.ElementsMisaligned.selector, 5));
        this.tensorRoot(new bytes(5));
    }

    function testListRoot() public pure {
        assertEq(Trees.listRoot(new bytes32[](0)), bytes32(0), "empty");
        for (uint256 n = 1; n < 20; n++) {
            bytes32[] memory roots = new bytes32[](n);
            uint256 size = 1;
            while (size < n) size *= 2;
            bytes32[] memory level = new bytes32[](size);
            for (uint256 i = 0; i < n; i++) {
                roots[i] = keccak256(abi.encode(n, i));
                level[i] = roots[i];
            }
            for (; size > 1; size /= 2) {
                for (uint256 i = 0; i < size / 2; i++) {
                    level[i] = keccak256(abi.encodePacked(level[2 * i], level[2 * i + 1]));
                }
            }
            assertEq(Trees.listRoot(roots), level[0], "list");
        }
    }

    function testPathRoot() public view {
        bytes32[] memory path = new bytes32[](2);
        (path[0], path[1]) = (bytes32(uint256(7)), bytes32(uint256(8)));
        bytes32 h = keccak256("node");
        bytes32 below = keccak256(abi.encodePacked(path[0], h));
        assertEq(this.pathRoot(h, 1, path), keccak256(abi.encodePacked(below, path[1])), "1");
        below = keccak256(abi.encodePacked(h, path[0]));
        assertEq(this.pathRoot(h, 2, path), keccak256(abi.encodePacked(path[1], below)), "2");
    }

    /// Any set of leaves of any tree proves its root, and no longer does with one bit changed.
    function testMultiproof(uint256 seed, uint8 depth, uint32 chosen) public {
        depth = uint8(bound(depth, 0, 4));
        uint256 size = 2 ** depth;
        bytes memory elements = new bytes(size * 128);
        for (uint256 i = 0; i < elements.length; i += 31) {
            elements[i] = bytes1(uint8(uint256(keccak256(abi.encode(seed, i)))));
        }
        uint256 mask = chosen & (2 ** size - 1);
        if (mask == 0) mask = 1;
        (uint32[] memory leaves, bytes memory data) = _chosen(elements, size, mask);
        bytes32[] memory siblings = _siblings(elements, depth, mask);
        bytes32 root = this.tensorRoot(elements);
        assertEq(this.multiproofRoot(leaves, data, siblings, depth), root, "root");
        data[seed % data.length] ^= 0x04;
        require(this.multiproofRoot(leaves, data, siblings, depth) != root, "another leaf");
        data[seed % data.length] ^= 0x04;
        if (siblings.length > 0) {
            siblings[seed % siblings.length] ^= bytes32(uint256(1) << (seed % 256));
            require(this.multiproofRoot(leaves, data, siblings, depth) != root, "sibling");
        }
        if (depth > 0 && leaves[leaves.length - 1] >= size / 2) {
            vm.expectRevert(Trees.MultiproofMalformed.selector);
            this.multiproofRoot(leaves, data, siblings, depth - 1);
        }
    }

    function _chosen(bytes memory elements, uint256 size, uint256 mask)
        private
        pure
        returns (uint32[] memory leaves, bytes memory data)
    {
        uint256 count = 0;
        for (uint256 i = 0; i < size; i++) {
            count += mask >> i & 1;
        }
        leaves = new uint32[](count);
        count = 0;
        for (uint256 i = 0; i < size; i++) {
            if (mask >> i & 1 == 0) continue;
            leaves[count++] = uint32(i);
            data = abi.encodePacked(data, _slice(elements, i));
        }
    }

    /// Nodes beside an ancestor of a chosen leaf that are none themselves.
    function _siblings(bytes memory elements, uint256 depth, uint256 mask)
        private
        pure
        returns (bytes32[] memory siblings)
    {
        bytes32[] memory found = new bytes32[](32);
        uint256 count = 0;
        for (uint256 level = 0; level < depth; level++) {
            for (uint256 i = 0; i < 2 ** (depth - level); i++) {
                if (_covers(mask, level, i) || !_covers(mask, level, i ^ 1)) continue;
                found[count++] = _root(elements, level, i);
            }
        }
        siblings = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            siblings[i] = found[i];
        }
    }

    function _covers(uint256 mask, uint256 level, uint256 i) private pure returns (bool) {
        return mask >> (i << level) & (2 ** (2 ** level) - 1) != 0;
    }

    function _root(bytes memory elements, uint256 level, uint256 position)
        private
        pure
        returns (bytes32)
    {
        if (level == 0) return keccak256(_slice(elements, position));
        return keccak256(
            abi.encodePacked(
                _root(elements, level - 1, 2 * position),
                _root(elements, level - 1, 2 * position + 1)
            )
        );
    }

    function _slice(bytes memory elements, uint256 leaf) private pure returns (bytes memory b) {
        b = new bytes(128);
        for (uint256 i = 0; i < 128 && leaf * 128 + i < elements.length; i++) {
            b[i] = elements[leaf * 128 + i];
        }
    }
}
