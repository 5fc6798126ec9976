// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {List, Opening, RelationRef} from "../../src/interfaces/Commitments.sol";
import {Case, Challenge, IDisputes, LeafRequest, Move} from "../../src/interfaces/IDisputes.sol";
import {Model} from "../../src/interfaces/IModelRegistry.sol";
import {Vm, vm} from "../Cheats.sol";
import {Forest} from "./Forest.sol";
import {Grove, Toy} from "./Toy.sol";
import {World} from "./World.sol";

/// Moves of both sides, played from whole trees. The state of the challenge in play is read from the events,
/// as any player does.
abstract contract Play is World {
    bytes32 internal id;
    Challenge internal x;

    function _model(uint256 n_, uint256 m_) internal returns (Model memory model) {
        (n, m) = (n_, m_);
        model = Toy.model(n_, m_);
        models.register(model, new string[](0));
    }

    /// Honest trace and output of one input.
    function _run(uint256 seed) internal view returns (Grove memory traces, bytes memory output) {
        (bytes[] memory t, bytes[] memory y) = Toy.run(Toy.weights(n)[0], Toy.input(n, seed)[0], m);
        return (Toy.grove(t), y[0]);
    }

    /// The same with one element of t_0 off by one, and all that follows from it.
    function _wrong(uint256 seed, uint256 element)
        internal
        view
        returns (Grove memory traces, bytes memory output)
    {
        (bytes[] memory t, bytes[] memory y) = Toy.run(Toy.weights(n)[0], Toy.input(n, seed)[0], m);
        Toy.set(t[0], element, Toy.get(t[0], element) + 1);
        for (uint256 k = 1; k < m; k++) {
            Toy.set(t[k], 0, Toy.get(t[0], k - 1));
        }
        y[0] = bytes.concat(t[0]);
        return (Toy.grove(t), y[0]);
    }

    /// Reads the state that the last event has shown.
    function _follow() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = logs.length; i > 0; i--) {
            Vm.Log memory log = logs[i - 1];
            if (log.emitter == address(disputes) && log.topics[0] == IDisputes.Moved.selector) {
                id = log.topics[1];
                x = abi.decode(log.data, (Challenge));
                return;
            }
        }
    }

    function _open(Case memory c, List list, bytes32 nonce) internal {
        vm.recordLogs();
        vm.prank(challenger);
        disputes.open(c, list, nonce);
        _follow();
    }

    /// The honest answer to AnswerNodes.
    function _nodes(Grove memory g) internal view returns (bytes32[] memory) {
        bytes32[][] memory tree = x.inTensor ? g.tensors[x.tensor] : g.list;
        uint256 down = x.depthLeft < 6 ? x.depthLeft : 6;
        return Forest.below(tree, x.depthLeft, x.position, down);
    }

    function _answerNodes(Grove memory g) internal {
        bytes32[] memory nodes = _nodes(g);
        vm.recordLogs();
        disputes.answerNodes(id, x, nodes);
        _follow();
    }

    /// Towards position `target` of the tree that the challenge is in.
    function _descend(Grove memory g, uint256 target) internal {
        bytes32[][] memory tree = x.inTensor ? g.tensors[x.tensor] : g.list;
        uint256 down = x.depthLeft < 6 ? x.depthLeft : 6;
        uint256 level = x.depthLeft - down;
        uint256 position = target >> level;
        bytes32 node = tree[level][position];
        bytes32[] memory path = Forest.path(tree, level, position, down);
        vm.recordLogs();
        vm.prank(challenger);
        disputes.descend(id, x, uint8(position % 2 ** down), node, path);
        _follow();
    }

    function _enter(uint256 relation, uint8 slot) internal {
        RelationRef memory r = Toy.refer(n, m, relation);
        vm.recordLogs();
        vm.prank(challenger);
        disputes.enterTensor(id, x, r, slot);
        _follow();
    }

    /// Down to a tensor of the list and into it.
    function _reachTensor(Grove memory g, uint256 tensor) internal {
        while (x.next == Move.AnswerNodes) {
            _answerNodes(g);
            _descend(g, tensor);
        }
        _enter(x.list == List.Output ? m : tensor == 0 ? 0 : tensor, 0);
    }

    function _reachLeaf(Grove memory g, uint256 leaf) internal {
        while (x.next == Move.AnswerNodes) {
            _answerNodes(g);
            _descend(g, leaf);
        }
    }

    function _answerLeaf(Grove memory g) internal {
        bytes memory leaf = Forest.leafOf(g.values[x.tensor], x.position);
        vm.recordLogs();
        disputes.answerLeaf(id, x, leaf);
        _follow();
    }

    function _ask(RelationRef[] memory mentions, LeafRequest[] memory requests) internal {
        vm.recordLogs();
        vm.prank(challenger);
        disputes.askLeaves(id, x, mentions, requests);
        _follow();
    }

    /// Leaves of t_0, by relation 0.
    function _askFirst(uint32[] memory leaves) internal {
        (RelationRef[] memory mentions, LeafRequest[] memory requests) = _request(leaves);
        _ask(mentions, requests);
    }

    function _request(uint32[] memory leaves)
        internal
        view
        returns (RelationRef[] memory mentions, LeafRequest[] memory requests)
    {
        mentions = new RelationRef[](1);
        mentions[0] = Toy.refer(n, m, 0);
        requests = new LeafRequest[](1);
        requests[0] = LeafRequest(0, 0, leaves);
    }

    function _answer(uint8[] memory depths, Opening[] memory openings) internal {
        vm.recordLogs();
        disputes.answerLeaves(id, x, depths, openings);
        _follow();
    }

    function _answerFirst(Grove memory g, uint32[] memory leaves) internal {
        (uint8[] memory depths, Opening[] memory openings) = _openings(g, leaves);
        _answer(depths, openings);
    }

    function _openings(Grove memory g, uint32[] memory leaves)
        internal
        pure
        returns (uint8[] memory depths, Opening[] memory openings)
    {
        depths = new uint8[](1);
        depths[0] = uint8(g.tensors[0].length - 1);
        openings = new Opening[](1);
        openings[0] = Toy.opening(g, List.Trace, 0, leaves);
    }
}
