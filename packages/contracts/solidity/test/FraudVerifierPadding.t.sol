// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FraudVerifier} from "../src/FraudVerifier.sol";
import {Kind, List, Lists, Opening, PaddingProof} from "../src/interfaces/Commitments.sol";
import {IFraudVerifier} from "../src/interfaces/IFraudVerifier.sol";
import {Trees} from "../src/lib/Trees.sol";
import {vm} from "./Cheats.sol";
import {Body, TraceKit} from "./support/TraceKit.sol";

/// Padding of a tensor of 100 elements (four leaves, the last with 28 of padding) or of 70 (three real leaves of
/// four), at place 5 of a list of 11.
contract FraudVerifierPaddingTest is TraceKit {
    FraudVerifier private _verifier = new FraudVerifier();

    List private constant T = List.Trace;

    bytes32[] private _leaves;
    bytes32[] private _roots;

    function setUp() public {
        lengths = [3, 3, 11, 11];
        for (uint256 i = 0; i < 11; i++) {
            _roots.push(keccak256(abi.encode(i)));
        }
    }

    // ── Elements of the last leaf ────────────────────────────────────────────────────────────────

    function testLastLeaf() public {
        bytes memory last = new bytes(128);
        last[0] = 0x55;
        last[15] = 0x66; // of element 99
        (Lists memory lists, PaddingProof memory proof) = _lastLeaf(100, last);
        require(!_verifier.paddingViolated(lists, proof), "canonical");
        for (uint256 i = 16; i < 128; i += 37) {
            last[i] = 0x01;
            (lists, proof) = _lastLeaf(100, last);
            require(_verifier.paddingViolated(lists, proof), "garbage");
            last[i] = 0;
        }
        last[127] = 0x80;
        (lists, proof) = _lastLeaf(100, last);
        require(_verifier.paddingViolated(lists, proof), "garbage at the end");
        // A full leaf has none.
        (lists, proof) = _lastLeaf(128, last);
        require(!_verifier.paddingViolated(lists, proof), "no padding");
    }

    function testLastLeafRejected() public {
        (Lists memory lists, PaddingProof memory proof) = _lastLeaf(100, new bytes(128));
        proof.opening.leaves[0] = 2;
        _rejects(lists, proof);
        (lists, proof) = _lastLeaf(100, new bytes(128));
        proof.opening.data[0] ^= 0x01;
        _rejects(lists, proof);
        proof.opening.leaves = new uint32[](2);
        _rejects(lists, proof);
    }

    // ── Nodes over padding ───────────────────────────────────────────────────────────────────────

    function testNode() public {
        (Lists memory lists, PaddingProof memory proof) = _node(70, Trees.zero(0), 0, 3);
        require(!_verifier.paddingViolated(lists, proof), "canonical");
        (lists, proof) = _node(70, keccak256("garbage"), 0, 3);
        require(_verifier.paddingViolated(lists, proof), "garbage");
    }

    function testNodeAbove() public {
        // Five real leaves of eight: 6 and 7 are under one node.
        (Lists memory lists, PaddingProof memory proof) = _node(160, Trees.zero(0), 1, 3);
        require(!_verifier.paddingViolated(lists, proof), "canonical");
        (lists, proof) = _node(160, keccak256("garbage"), 1, 3);
        require(_verifier.paddingViolated(lists, proof), "garbage below");
        // Covers leaf 4, which is real.
        (lists, proof) = _node(160, keccak256("garbage"), 1, 2);
        _rejects(lists, proof);
        (lists, proof) = _node(160, keccak256("garbage"), 0, 4);
        _rejects(lists, proof);
    }

    function testNodeRejected() public {
        (Lists memory lists, PaddingProof memory proof) = _node(70, keccak256("garbage"), 0, 3);
        proof.node ^= bytes32(uint256(1));
        _rejects(lists, proof);
        proof.node ^= bytes32(uint256(1));
        proof.position = 7; // outside of the tree, with the same path
        _rejects(lists, proof);
        proof.position = 3;
        proof.level = 3;
        _rejects(lists, proof);
        proof.level = 255;
        _rejects(lists, proof);
        proof.level = 0;
        proof.path = new bytes32[](1);
        _rejects(lists, proof);
    }

    // ── Places beyond the list ───────────────────────────────────────────────────────────────────

    function testListPadding() public {
        (Lists memory lists, PaddingProof memory proof) = _place(13, 0);
        require(!_verifier.paddingViolated(lists, proof), "canonical");
        (lists, proof) = _place(13, keccak256("garbage"));
        require(_verifier.paddingViolated(lists, proof), "garbage");
        proof.opening.index = 12;
        _rejects(lists, proof);
        proof.opening.index = 13 + 16; // beyond the padding, with the same path
        _rejects(lists, proof);
    }

    // ── What is mentioned ────────────────────────────────────────────────────────────────────────

    function testMention() public {
        (Lists memory lists, PaddingProof memory proof) = _lastLeaf(100, new bytes(128));
        proof.slot = 0;
        _rejects(lists, proof); // another tensor
        proof.slot = 2;
        vm.expectRevert(IFraudVerifier.DescriptorRejected.selector);
        _verifier.paddingViolated(lists, proof);
        proof.slot = 1;
        proof.mention.index++;
        vm.expectRevert(IFraudVerifier.RelationNotInProgram.selector);
        _verifier.paddingViolated(lists, proof);
    }

    /// Only what the submission commits to.
    function testLists() public {
        (Lists memory lists, PaddingProof memory proof) = _place(13, keccak256("garbage"));
        for (uint256 l = 0; l < 4; l++) {
            lists.lengths[l] = lists.lengths[2];
            lists.roots[l] = lists.roots[2];
            proof.opening.list = List(l);
            if (l >= 2) require(_verifier.paddingViolated(lists, proof), "garbage");
            else _rejects(lists, proof);
        }
    }

    // ── Helpers ──────────────────────────────────────────────────────────────────────────────────

    function _rejects(Lists memory lists, PaddingProof memory proof) private {
        vm.expectRevert(abi.encodeWithSelector(IFraudVerifier.OpeningRejected.selector, 0));
        _verifier.paddingViolated(lists, proof);
    }

    function _lastLeaf(uint32 elements, bytes memory last)
        private
        returns (Lists memory lists, PaddingProof memory proof)
    {
        uint256 count = (uint256(elements) + 31) / 32;
        _fill(count, 0);
        _leaves[count - 1] = keccak256(last);
        (lists, proof) = _tensor(elements);
        proof.opening.leaves = new uint32[](1);
        proof.opening.leaves[0] = uint32(count - 1);
        proof.opening.data = last;
        proof.opening.siblings = pathOf(_leaves, count - 1);
    }

    /// A node above leaf 2^level · (position + 1) − 1, which is `leaf`.
    function _node(uint32 elements, bytes32 leaf, uint8 level, uint32 position)
        private
        returns (Lists memory lists, PaddingProof memory proof)
    {
        uint256 count = (uint256(elements) + 31) / 32;
        uint256 size = 1;
        while (size < count) size *= 2;
        _fill(count, size - count);
        _leaves[2 ** level * (position + 1) - 1] = leaf;
        (lists, proof) = _tensor(elements);
        bytes32[] memory path = pathOf(_leaves, 2 ** level * position);
        bytes32[] memory above = new bytes32[](path.length - level);
        for (uint256 i = 0; i < above.length; i++) {
            above[i] = path[level + i];
        }
        bytes32 node = _leaves[2 ** level * position];
        for (uint256 i = 0; i < level; i++) {
            node = keccak256(abi.encodePacked(node, path[i]));
        }
        (proof.level, proof.position, proof.node, proof.path) = (level, position, node, above);
    }

    function _place(uint32 index, bytes32 root)
        private
        view
        returns (Lists memory lists, PaddingProof memory proof)
    {
        bytes32[] memory roots = new bytes32[](16);
        for (uint256 i = 0; i < 11; i++) {
            roots[i] = _roots[i];
        }
        roots[index] = root;
        lists.lengths = lengths;
        lists.roots[2] = rootOf(roots);
        Opening memory o = proof.opening;
        (o.list, o.index, o.root, o.path) = (T, index, root, pathOf(roots, index));
    }

    /// The tensor over `_leaves`, mentioned second.
    function _tensor(uint32 elements)
        private
        returns (Lists memory lists, PaddingProof memory proof)
    {
        int64[] memory ones = new int64[](2);
        bytes memory body = abi.encodePacked(
            uint8(0),
            Body.form(
                0,
                ones,
                factors(
                    Body.view_(Body.tensor(T, 4, dims(elements)), factors(Body.affine(0))),
                    Body.view_(Body.tensor(T, 5, dims(elements)), factors(Body.affine(0)))
                )
            )
        );
        (lists.relations, proof.mention) = refer(Kind.Linear, body);
        lists.relationCount = relationCount;
        lists.lengths = lengths;
        proof.slot = 1;
        _roots[5] = rootOf(_leaves);
        lists.roots[2] = rootOf(_roots);
        Opening memory o = proof.opening;
        (o.list, o.index, o.root, o.path) = (T, 5, _roots[5], pathOf(_roots, 5));
    }

    function _fill(uint256 real, uint256 padding) private {
        delete _leaves;
        for (uint256 i = 0; i < real; i++) {
            _leaves.push(keccak256(abi.encode("leaf", i)));
        }
        for (uint256 i = 0; i < padding; i++) {
            _leaves.push(Trees.zero(0));
        }
    }
}
