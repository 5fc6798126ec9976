// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    FraudProof,
    Kind,
    List,
    Lists,
    Opening,
    PaddingProof,
    RelationRef
} from "../../src/interfaces/Commitments.sol";
import {Cheats} from "../Cheats.sol";

/// The packed codec of Commitments.sol, written.
library Body {
    function shape(uint32[] memory dims) internal pure returns (bytes memory b) {
        b = abi.encodePacked(uint8(dims.length));
        for (uint256 a = 0; a < dims.length; a++) {
            b = abi.encodePacked(b, dims[a]);
        }
    }

    function tensor(List list, uint32 index, uint32[] memory dims, uint8[] memory order)
        internal
        pure
        returns (bytes memory b)
    {
        b = abi.encodePacked(uint8(list), index, shape(dims));
        for (uint256 a = 0; a < order.length; a++) {
            b = abi.encodePacked(b, order[a]);
        }
    }

    /// In row-major leaf order.
    function tensor(List list, uint32 index, uint32[] memory dims)
        internal
        pure
        returns (bytes memory)
    {
        uint8[] memory order = new uint8[](dims.length);
        for (uint256 a = 0; a < order.length; a++) {
            order[a] = uint8(a);
        }
        return tensor(list, index, dims, order);
    }

    /// u = i[axis].
    function axis(uint8 a) internal pure returns (bytes memory) {
        return affine(0, a, 1);
    }

    function affine(int32 offset) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(0), offset, uint8(0));
    }

    function affine(int32 offset, uint8 a, int32 stride) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(0), offset, uint8(1), a, stride);
    }

    function affine(int32 offset, uint8 a, int32 strideA, uint8 b, int32 strideB)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint8(0), offset, uint8(2), a, strideA, b, strideB);
    }

    function gather(uint8 a, bytes memory table) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(1), a, table);
    }

    function reshape(uint8 storageAxes, uint8[] memory axes)
        internal
        pure
        returns (bytes memory b)
    {
        b = abi.encodePacked(uint8(2), storageAxes, uint8(axes.length));
        for (uint256 a = 0; a < axes.length; a++) {
            b = abi.encodePacked(b, axes[a]);
        }
    }

    function view_(bytes memory t, bytes[] memory factors) internal pure returns (bytes memory b) {
        b = abi.encodePacked(t, uint8(factors.length));
        for (uint256 i = 0; i < factors.length; i++) {
            b = abi.encodePacked(b, factors[i]);
        }
    }

    function form(int64 bias) internal pure returns (bytes memory) {
        return abi.encodePacked(bias, uint8(0));
    }

    function form(int64 bias, int64 coefficient, bytes memory v)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(bias, uint8(1), coefficient, v);
    }

    function form(int64 bias, int64[] memory coefficients, bytes[] memory views)
        internal
        pure
        returns (bytes memory b)
    {
        b = abi.encodePacked(bias, uint8(views.length));
        for (uint256 i = 0; i < views.length; i++) {
            b = abi.encodePacked(b, coefficients[i], views[i]);
        }
    }

    function einsum(
        uint32[] memory domain,
        uint32[] memory sum,
        uint32 chunk,
        int64 scale,
        bytes memory x,
        bytes memory y,
        bytes memory partials,
        bytes memory claim
    ) internal pure returns (bytes memory) {
        return abi.encodePacked(
            shape(domain),
            shape(sum),
            chunk,
            scale,
            x,
            y,
            uint8(partials.length == 0 ? 0 : 1),
            partials,
            claim
        );
    }
}

/// Tensors of any size that exist only where they are looked at: an element is what was set, or a small
/// number that follows from its place; nodes beside the opened leaves are arbitrary.
abstract contract TraceKit is Cheats {
    struct Known {
        List list;
        uint32 index;
        uint256 count;
        uint256 depth;
        uint32[] leaves;
    }

    Known[] internal known;
    mapping(uint256 key => uint256 place) private _places; // plus 1
    mapping(uint256 key => mapping(uint256 leaf => bool)) private _opened;
    mapping(uint256 key => mapping(uint256 position => int32)) private _values;
    mapping(uint256 key => mapping(uint256 position => bool)) private _isSet;

    /// Entries of each list, and of the list of relations.
    uint32[4] internal lengths = [200, 5, 200, 3];
    uint32 internal relationCount = 300;
    uint32 internal relationIndex = 277;

    function declare(List list, uint32 index, uint256 count) internal {
        uint256 depth = 0;
        while (2 ** depth * 32 < count) depth++;
        known.push(Known(list, index, count, depth, new uint32[](0)));
        _places[_key(list, index)] = known.length;
    }

    function set(List list, uint32 index, uint256 position, int256 v) internal {
        _values[_key(list, index)][position] = int32(v);
        _isSet[_key(list, index)][position] = true;
    }

    /// The element, whose leaf will be opened.
    function read(List list, uint32 index, uint256 position) internal returns (int256) {
        touch(list, index, position / 32);
        return peek(list, index, position);
    }

    function touch(List list, uint32 index, uint256 leaf) internal {
        uint256 key = _key(list, index);
        if (_opened[key][leaf]) return;
        _opened[key][leaf] = true;
        uint32[] storage leaves = known[_places[key] - 1].leaves;
        leaves.push();
        uint256 i = leaves.length - 1;
        for (; i > 0 && leaves[i - 1] > leaf; i--) {
            leaves[i] = leaves[i - 1];
        }
        leaves[i] = uint32(leaf);
    }

    function peek(List list, uint32 index, uint256 position) internal view returns (int256) {
        uint256 key = _key(list, index);
        if (position >= known[_places[key] - 1].count) return 0;
        if (_isSet[key][position]) return _values[key][position];
        return int8(uint8(uint256(keccak256(abi.encode(key, position)))));
    }

    /// The relation with all that was touched opened, and what it is checked against.
    function prove(Kind kind, bytes memory body, uint256 element)
        internal
        view
        returns (Lists memory lists, FraudProof memory proof)
    {
        bytes32[][4] memory roots;
        uint256 used = 0;
        for (uint256 l = 0; l < 4; l++) {
            roots[l] = _entries(lengths[l], l);
        }
        Opening[] memory openings = new Opening[](known.length);
        for (uint256 i = 0; i < known.length; i++) {
            if (known[i].leaves.length == 0) continue;
            Opening memory o = open(known[i]);
            roots[uint256(o.list)][o.index] = o.root;
            openings[used++] = o;
        }
        assembly ("memory-safe") {
            mstore(openings, used)
        }
        for (uint256 i = 0; i < used; i++) {
            openings[i].path = pathOf(roots[uint256(openings[i].list)], openings[i].index);
        }
        lists.lengths = lengths;
        for (uint256 l = 0; l < 4; l++) {
            lists.roots[l] = rootOf(roots[l]);
        }
        proof.openings = openings;
        proof.element = element;
        (lists.relations, proof.relation) = refer(kind, body);
        lists.relationCount = relationCount;
    }

    /// The relation among others.
    function refer(Kind kind, bytes memory body)
        internal
        view
        returns (bytes32 root, RelationRef memory r)
    {
        bytes32[] memory relations = _entries(relationCount, 9);
        relations[relationIndex] = keccak256(abi.encodePacked(uint8(1), uint8(kind), body));
        r = RelationRef(relationIndex, kind, body, pathOf(relations, relationIndex));
        root = rootOf(relations);
    }

    /// Without its path.
    function open(Known memory k) internal view returns (Opening memory o) {
        o.list = k.list;
        o.index = k.index;
        o.leaves = k.leaves;
        uint256 n = k.leaves.length;
        bytes32[] memory nodes = new bytes32[](n);
        uint256[] memory places = new uint256[](n);
        for (uint256 i = 0; i < n; i++) {
            bytes memory leaf;
            for (uint256 e = 0; e < 32; e++) {
                uint256 position = 32 * uint256(k.leaves[i]) + e;
                leaf = abi.encodePacked(leaf, int32(peek(k.list, k.index, position)));
            }
            o.data = abi.encodePacked(o.data, leaf);
            nodes[i] = keccak256(leaf);
            places[i] = k.leaves[i];
        }
        bytes32[] memory siblings = new bytes32[](n * k.depth);
        uint256 used = 0;
        for (uint256 d = 0; d < k.depth; d++) {
            uint256 m = 0;
            for (uint256 i = 0; i < n; m++) {
                bool right = places[i] % 2 == 1;
                bool paired = !right && i + 1 < n && places[i + 1] == places[i] + 1;
                bytes32 other;
                if (paired) {
                    other = nodes[i + 1];
                } else {
                    other = keccak256(abi.encode(k.list, k.index, d, places[i] ^ 1));
                    siblings[used++] = other;
                }
                bytes32 own = nodes[i];
                nodes[m] = right
                    ? keccak256(abi.encodePacked(other, own))
                    : keccak256(abi.encodePacked(own, other));
                places[m] = places[i] / 2;
                i += paired ? 2 : 1;
            }
            n = m;
        }
        assembly ("memory-safe") {
            mstore(siblings, used)
        }
        o.siblings = siblings;
        o.root = nodes[0];
    }

    /// Of a list: entries padded with 0 to a power of two.
    function rootOf(bytes32[] memory entries) internal pure returns (bytes32) {
        bytes32[] memory level = _padded(entries);
        while (level.length > 1) level = _above(level);
        return level[0];
    }

    function pathOf(bytes32[] memory entries, uint256 index)
        internal
        pure
        returns (bytes32[] memory path)
    {
        bytes32[] memory level = _padded(entries);
        uint256 depth = 0;
        while (2 ** depth < level.length) depth++;
        path = new bytes32[](depth);
        for (uint256 d = 0; d < depth; d++) {
            path[d] = level[index ^ 1];
            level = _above(level);
            index /= 2;
        }
    }

    function dims(uint32 a) internal pure returns (uint32[] memory d) {
        d = new uint32[](1);
        d[0] = a;
    }

    function dims(uint32 a, uint32 b) internal pure returns (uint32[] memory d) {
        d = new uint32[](2);
        (d[0], d[1]) = (a, b);
    }

    function dims(uint32 a, uint32 b, uint32 c) internal pure returns (uint32[] memory d) {
        d = new uint32[](3);
        (d[0], d[1], d[2]) = (a, b, c);
    }

    function dims(uint32 a, uint32 b, uint32 c, uint32 e)
        internal
        pure
        returns (uint32[] memory d)
    {
        d = new uint32[](4);
        (d[0], d[1], d[2], d[3]) = (a, b, c, e);
    }

    function factors(bytes memory a) internal pure returns (bytes[] memory f) {
        f = new bytes[](1);
        f[0] = a;
    }

    function factors(bytes memory a, bytes memory b) internal pure returns (bytes[] memory f) {
        f = new bytes[](2);
        (f[0], f[1]) = (a, b);
    }

    function factors(bytes memory a, bytes memory b, bytes memory c)
        internal
        pure
        returns (bytes[] memory f)
    {
        f = new bytes[](3);
        (f[0], f[1], f[2]) = (a, b, c);
    }

    function factors(bytes memory a, bytes memory b, bytes memory c, bytes memory d)
        internal
        pure
        returns (bytes[] memory f)
    {
        f = new bytes[](4);
        (f[0], f[1], f[2], f[3]) = (a, b, c, d);
    }

    function _entries(uint256 count, uint256 salt) private pure returns (bytes32[] memory e) {
        e = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            e[i] = keccak256(abi.encode(salt, i));
        }
    }

    function _padded(bytes32[] memory entries) private pure returns (bytes32[] memory level) {
        uint256 size = 1;
        while (size < entries.length) size *= 2;
        level = new bytes32[](size);
        for (uint256 i = 0; i < entries.length; i++) {
            level[i] = entries[i];
        }
    }

    function _above(bytes32[] memory level) private pure returns (bytes32[] memory above) {
        above = new bytes32[](level.length / 2);
        for (uint256 i = 0; i < above.length; i++) {
            above[i] = keccak256(abi.encodePacked(level[2 * i], level[2 * i + 1]));
        }
    }

    function _key(List list, uint32 index) private pure returns (uint256) {
        return (uint256(list) << 32) | index;
    }
}
