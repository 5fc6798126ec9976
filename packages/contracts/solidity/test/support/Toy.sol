// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Kind, List, Opening, RelationRef} from "../../src/interfaces/Commitments.sol";
import {Model} from "../../src/interfaces/IModelRegistry.sol";
import {Forest} from "./Forest.sol";

/// A list of tensors with its trees.
struct Grove {
    bytes[] values;
    bytes32[][][] tensors;
    bytes32[][] list;
}

/// @title A model small enough for tests: n elements, m trace tensors.
/// @dev Constant w[n], Input x[n], Trace t_0[n] = x + w and t_k[1] = t_0[k − 1] for 0 < k < m, Output y[n] = t_0.
///   Relations: 0: t_0 − x − w = 0; k: t_k − t_0[k − 1] = 0; m: y − t_0 = 0; m + 1: |t_0| <= 2^20.
library Toy {
    int64 internal constant BOUND = 2 ** 20;

    function weights(uint256 n) internal pure returns (bytes[] memory values) {
        values = new bytes[](1);
        values[0] = new bytes(4 * n);
        for (uint256 i = 0; i < n; i++) {
            set(values[0], i, int32(int256(i % 251)) - 125);
        }
    }

    function input(uint256 n, uint256 seed) internal pure returns (bytes[] memory values) {
        values = new bytes[](1);
        values[0] = new bytes(4 * n);
        for (uint256 i = 0; i < n; i++) {
            set(values[0], i, int32(int256((seed + 7 * i) % 1009)) - 500);
        }
    }

    function run(bytes memory w, bytes memory x, uint256 m)
        internal
        pure
        returns (bytes[] memory traces, bytes[] memory outputs)
    {
        traces = new bytes[](m);
        traces[0] = new bytes(w.length);
        for (uint256 i = 0; i < w.length / 4; i++) {
            set(traces[0], i, get(w, i) + get(x, i));
        }
        for (uint256 k = 1; k < m; k++) {
            traces[k] = new bytes(4);
            set(traces[k], 0, get(traces[0], k - 1));
        }
        outputs = new bytes[](1);
        outputs[0] = bytes.concat(traces[0]);
    }

    function grove(bytes[] memory values) internal pure returns (Grove memory g) {
        g.values = values;
        g.tensors = new bytes32[][][](values.length);
        bytes32[] memory roots = new bytes32[](values.length);
        for (uint256 i = 0; i < values.length; i++) {
            g.tensors[i] = Forest.tensor(values[i]);
            roots[i] = Forest.root(g.tensors[i]);
        }
        g.list = Forest.list(roots);
    }

    function root(Grove memory g) internal pure returns (bytes32) {
        return Forest.root(g.list);
    }

    function opening(Grove memory g, List list, uint256 index, uint32[] memory leaves)
        internal
        pure
        returns (Opening memory o)
    {
        o.list = list;
        o.index = uint32(index);
        o.root = Forest.root(g.tensors[index]);
        o.path = Forest.pathToRoot(g.list, 0, index);
        o.leaves = leaves;
        o.data = Forest.leavesOf(g.values[index], leaves);
        o.siblings = Forest.siblingsOf(g.tensors[index], leaves);
    }

    // ── Relations ────────────────────────────────────────────────────────────────────────────────────────────

    function relationTree(uint256 n, uint256 m) internal pure returns (bytes32[][] memory) {
        bytes32[] memory hashes = new bytes32[](m + 2);
        for (uint256 i = 0; i < hashes.length; i++) {
            (Kind kind, bytes memory body) = relation(n, m, i);
            hashes[i] = keccak256(abi.encodePacked(bytes1(0x01), uint8(kind), body));
        }
        return Forest.list(hashes);
    }

    function refer(uint256 n, uint256 m, uint256 index)
        internal
        pure
        returns (RelationRef memory r)
    {
        (r.kind, r.body) = relation(n, m, index);
        r.index = uint32(index);
        r.path = Forest.pathToRoot(relationTree(n, m), 0, index);
    }

    function relation(uint256 n, uint256 m, uint256 index)
        internal
        pure
        returns (Kind, bytes memory)
    {
        bytes memory t0 = along(List.Trace, 0, n);
        if (index == 0) {
            bytes memory form = bytes.concat(
                term(1, t0), term(-1, along(List.Input, 0, n)), term(-1, along(List.Constant, 0, n))
            );
            return (Kind.Linear, bytes.concat(shape(n), head(3), form));
        }
        if (index < m) {
            bytes memory form = bytes.concat(
                term(1, along(List.Trace, index, 1)),
                term(-1, bytes.concat(tref(List.Trace, 0, n), factor(int32(int256(index)) - 1, 0)))
            );
            return (Kind.Linear, bytes.concat(shape(1), head(2), form));
        }
        if (index == m) {
            bytes memory form = bytes.concat(term(1, along(List.Output, 0, n)), term(-1, t0));
            return (Kind.Linear, bytes.concat(shape(n), head(2), form));
        }
        return
            (
                Kind.Range,
                bytes.concat(shape(n), abi.encodePacked(-BOUND, BOUND), head(1), term(1, t0))
            );
    }

    function shape(uint256 n) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(1), uint32(n));
    }

    /// Bias 0 and the number of terms.
    function head(uint8 terms) internal pure returns (bytes memory) {
        return abi.encodePacked(int64(0), terms);
    }

    function term(int64 coefficient, bytes memory view_) internal pure returns (bytes memory) {
        return abi.encodePacked(coefficient, view_);
    }

    function along(List list, uint256 index, uint256 n) internal pure returns (bytes memory) {
        return bytes.concat(tref(list, index, n), factor(0, 1));
    }

    function tref(List list, uint256 index, uint256 n) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(list), uint32(index), uint8(1), uint32(n), uint8(0));
    }

    /// One affine factor along the only axis.
    function factor(int32 offset, int32 stride) internal pure returns (bytes memory) {
        return stride == 0
            ? abi.encodePacked(uint8(1), uint8(0), offset, uint8(0))
            : abi.encodePacked(uint8(1), uint8(0), offset, uint8(1), uint8(0), stride);
    }

    function model(uint256 n, uint256 m) internal pure returns (Model memory r) {
        r.programDigest = keccak256(abi.encode("toy", n, m));
        r.relationsRoot = Forest.root(relationTree(n, m));
        r.constantsRoot = root(grove(weights(n)));
        r.pcsRoot = keccak256("pcs");
        r.pcsOod = keccak256("ood");
        r.relations = uint32(m + 2);
        r.constants = 1;
        r.inputs = 1;
        r.traces = uint32(m);
        r.outputs = 1;
        r.inputSizes = n;
        r.outputSizes = n;
    }

    // ── Elements ─────────────────────────────────────────────────────────────────────────────────────────────

    function get(bytes memory elements, uint256 i) internal pure returns (int32 v) {
        assembly ("memory-safe") {
            v := signextend(3, shr(224, mload(add(add(elements, 0x20), shl(2, i)))))
        }
    }

    function set(bytes memory elements, uint256 i, int32 v) internal pure {
        assembly ("memory-safe") {
            let place := add(add(elements, 0x20), shl(2, i))
            let rest := and(mload(place), sub(shl(224, 1), 1))
            mstore(place, or(shl(224, v), rest))
        }
    }
}
