// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Disputes} from "../src/Disputes.sol";
import {
    FraudProof,
    List,
    Opening,
    PaddingProof,
    RelationRef
} from "../src/interfaces/Commitments.sol";
import {Case, Challenge, IDisputes, LeafRequest, Move} from "../src/interfaces/IDisputes.sol";
import {IFraudVerifier} from "../src/interfaces/IFraudVerifier.sol";
import {
    EVIDENCE_PROOF,
    IJobMarket,
    JobParams,
    State,
    Submission
} from "../src/interfaces/IJobMarket.sol";
import {Trees} from "../src/lib/Trees.sol";
import {Model} from "../src/interfaces/IModelRegistry.sol";
import {vm} from "./Cheats.sol";
import {Forest} from "./support/Forest.sol";
import {Play} from "./support/Play.sol";
import {Grove, Toy} from "./support/Toy.sol";

/// What everybody has, free and in the market, and what is burned.
struct Books {
    uint256 requester;
    uint256 provider;
    uint256 challenger;
    uint256 other;
    uint256 free;
    uint256 reserved;
    uint256 burned;
    uint256 bonds;
}

abstract contract DisputesBase is Play {
    uint256 internal constant UNIT = 1_000_007;
    uint256 internal constant REWARD = 8e6;

    Model internal model;
    Case internal current;
    Books internal before;

    function setUp() public virtual {
        _deploy();
    }

    function _job(uint256 n_, uint256 m_, bool honest) internal returns (Grove memory g) {
        model = _model(n_, m_);
        bytes memory y;
        (g, y) = honest ? _run(1) : _wrong(1, 7);
        current = _submit(_params(1, keccak256(abi.encode(model))), model, Toy.root(g), y);
        before = _books();
    }

    function _books() internal view returns (Books memory b) {
        b.requester = market.balanceOf(requester);
        b.provider = market.balanceOf(provider);
        b.challenger = market.balanceOf(challenger);
        b.other = market.balanceOf(other);
        b.free = _account(provider).free;
        b.reserved = _account(provider).reserved;
        b.burned = market.balanceOf(DEAD);
        b.bonds = market.bonds();
    }

    /// Differences to the books at submission.
    function _expect(
        int256 toRequester,
        int256 toProvider,
        int256 toChallenger,
        int256 stake,
        int256 burned,
        uint256 bonds
    ) internal view {
        Books memory b = _books();
        assertEq(_d(b.requester, before.requester), toRequester, "requester");
        assertEq(_d(b.provider, before.provider), toProvider, "provider");
        assertEq(_d(b.challenger, before.challenger), toChallenger, "challenger");
        assertEq(_d(b.other, before.other), 0, "other");
        assertEq(_d(b.free + b.reserved, before.free + before.reserved), stake, "free and reserved");
        assertEq(_d(b.burned, before.burned), burned, "burned");
        assertEq(b.bonds, bonds, "bonds");
    }

    /// After a fault, with `bonds` still out.
    function _expectSlashed(int256 toChallenger, uint256 bonds) internal view {
        _expect(
            int256(uint256(MAX_PRICE)),
            0,
            toChallenger,
            -int256(uint256(RESERVE)),
            int256(uint256(RESERVE) - REWARD),
            bonds
        );
        assertTrue(market.jobOf(current.submission.job).state == State.Slashed, "slashed");
    }

    /// After a lost challenge.
    function _expectLost(uint256 bond) internal view {
        uint256 burned = bond / 10;
        _expect(0, int256(bond - burned), -int256(bond), 0, int256(burned), 0);
        assertEq(market.jobOf(current.submission.job).disputes, 0, "disputes");
        assertEq(disputes.challengeOf(id), bytes32(uint256(1)), "closed");
    }

    function assertEq(int256 a, int256 b, string memory what) internal pure {
        require(a == b, what);
    }

    function _d(uint256 a, uint256 b) private pure returns (int256) {
        return int256(a) - int256(b);
    }

    function _fraud(Grove memory g) internal view returns (FraudProof memory proof) {
        Grove memory x = Toy.grove(Toy.input(n, 1));
        Grove memory w = Toy.grove(Toy.weights(n));
        proof.relation = Toy.refer(n, m, 0);
        proof.element = 7;
        proof.openings = new Opening[](3);
        proof.openings[0] = Toy.opening(g, List.Trace, 0, _one(0));
        proof.openings[1] = Toy.opening(x, List.Input, 0, _one(0));
        proof.openings[2] = Toy.opening(w, List.Constant, 0, _one(0));
    }

    function _commitment(address by, bytes32 proof, bytes32 salt) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                block.chainid,
                address(disputes),
                by,
                current.submission.job,
                keccak256(abi.encode(current.submission)),
                proof,
                salt
            )
        );
    }

    function _commit(address by, bytes32 proof) internal {
        bytes32 commitment = _commitment(by, proof, "salt");
        vm.prank(by);
        disputes.commit(commitment);
    }

    function _timeout() internal {
        _pass(101, 11);
        disputes.timeout(id, x, current.params, current.submission);
    }

    function _reject(bytes4 selector) internal {
        vm.expectRevert(selector);
    }

    function _rejectMove(Move next) internal {
        vm.expectRevert(abi.encodeWithSelector(IDisputes.WrongMove.selector, next));
    }
}

contract DisputesFraudTest is DisputesBase {
    function test_link_isChecked() public {
        _reject(IDisputes.BrokenLink.selector);
        new Disputes(market, verifier);
    }

    function test_proveFraud_pays() public {
        FraudProof memory proof = _fraud(_job(70, 3, false));
        _commit(challenger, keccak256(abi.encode(proof)));
        _pass(0, 1);
        vm.prank(challenger);
        disputes.proveFraud(current, proof, "salt");
        _expectSlashed(int256(REWARD), 0);
    }

    function test_proveFraud_ofTrueInstance_reverts() public {
        FraudProof memory proof = _fraud(_job(70, 3, true));
        _commit(challenger, keccak256(abi.encode(proof)));
        _pass(0, 1);
        vm.prank(challenger);
        _reject(IDisputes.RelationHolds.selector);
        disputes.proveFraud(current, proof, "salt");
    }

    function test_commitment_isBound() public {
        FraudProof memory proof = _fraud(_job(70, 3, false));
        bytes32 hash = keccak256(abi.encode(proof));
        vm.prank(challenger);
        _reject(IDisputes.CommitmentMissing.selector);
        disputes.proveFraud(current, proof, "salt");
        _commit(challenger, hash);
        vm.prank(challenger);
        _reject(IDisputes.CommitmentYoung.selector);
        disputes.proveFraud(current, proof, "salt");
        _pass(0, 1);
        // To the sender: a copy of the revealing transaction has no commitment of its own.
        vm.prank(other);
        _reject(IDisputes.CommitmentMissing.selector);
        disputes.proveFraud(current, proof, "salt");
        // To the salt.
        vm.prank(challenger);
        _reject(IDisputes.CommitmentMissing.selector);
        disputes.proveFraud(current, proof, "pepper");
        // To the proof.
        proof.element = 8;
        vm.prank(challenger);
        _reject(IDisputes.CommitmentMissing.selector);
        disputes.proveFraud(current, proof, "salt");
        // To the job.
        proof.element = 7;
        Case memory first = current;
        (Grove memory g, bytes memory y) = _wrong(1, 7);
        JobParams memory p = _params(1, keccak256(abi.encode(model)));
        p.windowSeconds += 1;
        Case memory second = _submit(p, model, Toy.root(g), y);
        vm.prank(challenger);
        _reject(IDisputes.CommitmentMissing.selector);
        disputes.proveFraud(second, proof, "salt");
        vm.prank(challenger);
        disputes.proveFraud(first, proof, "salt");
    }

    function test_commit_bySomeoneElse_doesNotMakeItYoung() public {
        FraudProof memory proof = _fraud(_job(70, 3, false));
        bytes32 commitment = _commitment(challenger, keccak256(abi.encode(proof)), "salt");
        vm.prank(other);
        disputes.commit(commitment);
        vm.prank(challenger);
        disputes.commit(commitment);
        _pass(0, 1);
        vm.prank(other);
        disputes.commit(commitment);
        assertEq(disputes.committedAt(commitment), vm.getBlockNumber() - 1, "block");
        vm.prank(challenger);
        disputes.proveFraud(current, proof, "salt");
        _expectSlashed(int256(REWARD), 0);
    }

    function test_case_isChecked() public {
        FraudProof memory proof = _fraud(_job(70, 3, false));
        _commit(challenger, keccak256(abi.encode(proof)));
        _pass(0, 1);
        Case memory c = current;
        vm.startPrank(challenger);
        c.submission.artefacts = 0;
        _rejectCase(c, proof);
        c = current;
        c.model.relationsRoot = 0;
        _rejectCase(c, proof);
        c = current;
        c.params.nonce = 0;
        _rejectCase(c, proof);
        disputes.proveFraud(current, proof, "salt");
        // Once ended, a job cannot be faulted, challenged or ended again.
        _rejectCase(current, proof);
        vm.stopPrank();
    }

    function _rejectCase(Case memory c, FraudProof memory proof) private {
        _reject(IDisputes.NotTheCase.selector);
        disputes.proveFraud(c, proof, "salt");
        _reject(IDisputes.NotTheCase.selector);
        disputes.open(c, List.Trace, 0);
        _reject(IDisputes.NotTheCase.selector);
        disputes.openOutput(c, 0, 0, 0);
    }

    function test_commitmentInLastBlock_isRevealedWithinGrace() public {
        FraudProof memory proof = _fraud(_job(70, 3, false));
        _pass(60, 5);
        _commit(challenger, keccak256(abi.encode(proof)));
        _pass(30, 3);
        _reject(IJobMarket.TooSoon.selector);
        market.finalize(current.submission.job);
        vm.prank(challenger);
        disputes.proveFraud(current, proof, "salt");
        _expectSlashed(int256(REWARD), 0);
    }

    function test_proofAfterFinal_isTooLate() public {
        FraudProof memory proof = _fraud(_job(70, 3, false));
        _commit(challenger, keccak256(abi.encode(proof)));
        _pass(91, 9);
        market.finalize(current.submission.job);
        vm.prank(challenger);
        _reject(IDisputes.NotTheCase.selector);
        disputes.proveFraud(current, proof, "salt");
    }

    function test_proofEvidence_hasNoTrace() public {
        model = _model(70, 3);
        (Grove memory g, bytes memory y) = _run(1);
        JobParams memory p = _params(1, keccak256(abi.encode(model)));
        p.evidence = EVIDENCE_PROOF;
        current = _submit(p, model, 0, y);
        FraudProof memory proof = _fraud(g);
        _commit(challenger, keccak256(abi.encode(proof)));
        _pass(0, 1);
        vm.startPrank(challenger);
        _reject(IDisputes.NothingToAsk.selector);
        disputes.proveFraud(current, proof, "salt");
        _reject(IDisputes.NothingToAsk.selector);
        disputes.open(current, List.Trace, 0);
        vm.stopPrank();
    }

    /// Garbage behind the last element of t_0, and everything else right.
    function test_provePadding_ofElements() public {
        model = _model(70, 3);
        (Grove memory g, bytes memory y) = _run(1);
        g.values[0] = bytes.concat(g.values[0], hex"00000001");
        g = Toy.grove(g.values);
        current = _submit(_params(1, keccak256(abi.encode(model))), model, Toy.root(g), y);
        before = _books();
        PaddingProof memory proof;
        proof.mention = Toy.refer(n, m, 0);
        proof.opening = Toy.opening(g, List.Trace, 0, _one(2));
        _provePadding(proof);
        _expectSlashed(int256(REWARD), 0);
    }

    /// A root beyond the list's length, found by a challenge that descends there.
    function test_provePadding_ofList_afterDescent() public {
        model = _model(70, 3);
        (Grove memory g, bytes memory y) = _run(1);
        bytes32[] memory roots = new bytes32[](4);
        for (uint256 i = 0; i < 3; i++) {
            roots[i] = Forest.root(g.tensors[i]);
        }
        roots[3] = keccak256("garbage");
        g.list = Forest.list(roots);
        current = _submit(_params(1, keccak256(abi.encode(model))), model, Toy.root(g), y);
        before = _books();
        _open(current, List.Trace, 0);
        _answerNodes(g);
        _descend(g, 3);
        // There is no tensor to enter.
        RelationRef memory r = Toy.refer(n, m, 0);
        vm.prank(challenger);
        _reject(IDisputes.RequestRejected.selector);
        disputes.enterTensor(id, x, r, 0);
        PaddingProof memory proof;
        proof.opening.list = List.Trace;
        proof.opening.index = 3;
        proof.opening.root = roots[3];
        proof.opening.path = Forest.pathToRoot(g.list, 0, 3);
        proof.mention = r;
        _provePadding(proof);
        disputes.close(id, x);
        _expectSlashed(int256(REWARD), 0);
    }

    function test_provePadding_ofCanonical_reverts() public {
        Grove memory g = _job(70, 3, true);
        PaddingProof memory proof;
        proof.mention = Toy.refer(n, m, 0);
        proof.opening = Toy.opening(g, List.Trace, 0, _one(2));
        _commit(challenger, keccak256(abi.encode(proof)));
        _pass(0, 1);
        vm.prank(challenger);
        _reject(IDisputes.RelationHolds.selector);
        disputes.provePadding(current, proof, "salt");
    }

    function _provePadding(PaddingProof memory proof) private {
        _commit(challenger, keccak256(abi.encode(proof)));
        _pass(0, 1);
        vm.prank(challenger);
        disputes.provePadding(current, proof, "salt");
    }
}

contract DisputesChallengeTest is DisputesBase {
    /// 66 tensors, 70 leaves: two answers down the list, two down the tensor, the leaf, three asks.
    function test_whenAllIsAnswered_theChallengerLoses() public {
        Grove memory g = _job(70 * 32 - 5, 66, true);
        _open(current, List.Trace, 0);
        assertEq(x.depthLeft, 7, "list");
        _reachTensor(g, 0);
        assertEq(x.depthLeft, 7, "tensor");
        _reachLeaf(g, 69);
        assertEq(x.position, 69, "leaf");
        _answerLeaf(g);
        uint32[] memory leaves = new uint32[](64);
        for (uint32 i = 0; i < 64; i++) {
            leaves[i] = i + 6;
        }
        for (uint256 i = 0; i < 3; i++) {
            _askFirst(leaves);
            _answerFirst(g, leaves);
        }
        (RelationRef[] memory mentions, LeafRequest[] memory requests) = _request(_one(0));
        vm.prank(challenger);
        _reject(IDisputes.RequestRejected.selector);
        disputes.askLeaves(id, x, mentions, requests);
        assertEq(market.bonds(), 7 * UNIT, "1 + 3 * 64 / 32");
        _reject(IDisputes.ClockRunning.selector);
        disputes.timeout(id, x, current.params, current.submission);
        _timeout();
        _expectLost(7 * UNIT);
        market.finalize(current.submission.job);
    }

    /// Bonds of leaves are rounded up.
    function test_askLeaves_addsItsBond() public {
        Grove memory g = _job(70, 1, true);
        _open(current, List.Trace, 0);
        _reachTensor(g, 0);
        _reachLeaf(g, 1);
        _answerLeaf(g);
        _askFirst(_one(2));
        assertEq(x.bond, UNIT + (UNIT + 31) / 32, "bond");
        assertEq(market.bonds(), x.bond, "bonds");
    }

    /// The provider falls silent at each of its moves in turn.
    function test_silentProvider_isSlashed() public {
        Grove memory g = _job(70 * 32, 66, true);
        for (uint256 moves = 0; moves < 8; moves++) {
            uint256 start = vm.snapshotState();
            _silentProvider(g, moves);
            vm.revertToState(start);
        }
    }

    function _silentProvider(Grove memory g, uint256 moves) private {
        _playUntil(g, moves, true);
        uint256 bond = x.bond;
        _pass(100, 11);
        _reject(IDisputes.ClockRunning.selector);
        disputes.timeout(id, x, current.params, current.submission);
        _pass(1, 0);
        _rejectAnswers(g);
        vm.prank(other);
        disputes.timeout(id, x, current.params, current.submission);
        assertTrue(bond >= UNIT, "bond");
        // The bond is back, and the reward is the challenger's, whoever calls.
        _expectSlashed(int256(REWARD), 0);
    }

    /// And the challenger at each of its own.
    function test_silentChallenger_losesItsBond() public {
        Grove memory g = _job(70 * 32, 66, true);
        for (uint256 moves = 0; moves < 9; moves++) {
            uint256 start = vm.snapshotState();
            _playUntil(g, moves, false);
            uint256 bond = x.bond;
            _timeout();
            _expectLost(bond);
            vm.revertToState(start);
        }
    }

    /// Plays on until `moves` moves of a side have passed and it is that side's turn.
    function _playUntil(Grove memory g, uint256 moves, bool byProvider) private {
        _open(current, List.Trace, 0);
        uint256 made = 0;
        while (true) {
            if (_providers() == byProvider && made++ == moves) return;
            _next(g);
        }
    }

    function _providers() private view returns (bool) {
        return
            x.next == Move.AnswerNodes || x.next == Move.AnswerLeaf || x.next == Move.AnswerLeaves;
    }

    function _next(Grove memory g) private {
        if (x.next == Move.AnswerNodes) _answerNodes(g);
        else if (x.next == Move.Descend) _descend(g, x.inTensor ? 66 : 0);
        else if (x.next == Move.EnterTensor) _enter(0, 0);
        else if (x.next == Move.AnswerLeaf) _answerLeaf(g);
        else if (x.next == Move.AskLeaves) _askFirst(_one(3));
        else _answerFirst(g, _one(3));
    }

    function _rejectAnswers(Grove memory g) private {
        if (x.next == Move.AnswerNodes) {
            bytes32[] memory nodes = _nodes(g);
            _reject(IDisputes.ClockOver.selector);
            disputes.answerNodes(id, x, nodes);
        } else if (x.next == Move.AnswerLeaf) {
            _reject(IDisputes.ClockOver.selector);
            disputes.answerLeaf(id, x, "");
        } else {
            _reject(IDisputes.ClockOver.selector);
            disputes.answerLeaves(id, x, new uint8[](0), new Opening[](0));
        }
    }

    function test_turn_endsWhenBothClocksHave() public {
        Grove memory g = _job(70, 3, true);
        _open(current, List.Trace, 0);
        // An hour without blocks, as when a sequencer is down.
        _pass(1 hours, 0);
        _pass(0, 10);
        _reject(IDisputes.ClockRunning.selector);
        disputes.timeout(id, x, current.params, current.submission);
        _answerNodes(g);
        // A thousand blocks at once.
        _pass(0, 1000);
        _pass(100, 0);
        _reject(IDisputes.ClockRunning.selector);
        disputes.timeout(id, x, current.params, current.submission);
        _descend(g, 0);
        assertTrue(x.next == Move.EnterTensor, "entered");
        // Entering belongs to the turn of descending.
        _pass(1, 0);
        RelationRef memory r = Toy.refer(n, m, 0);
        vm.prank(challenger);
        _reject(IDisputes.ClockOver.selector);
        disputes.enterTensor(id, x, r, 0);
    }

    function test_window_lastBlock() public {
        _job(70, 3, true);
        _pass(60, 1000);
        _open(current, List.Trace, 0);
        _pass(1, 0);
        vm.prank(challenger);
        _reject(IJobMarket.TooLate.selector);
        disputes.open(current, List.Trace, "2");
        _pass(30, 1000);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.DisputesOpen.selector, 1));
        market.finalize(current.submission.job);
        _pass(100, 100);
        disputes.timeout(id, x, current.params, current.submission);
        _expectSlashed(int256(REWARD), 0);
    }

    function test_window_firstBlock_friendlyChallengeDelaysNone() public {
        Grove memory g = _job(70, 3, false);
        address friend = other;
        vm.prank(friend);
        disputes.open(current, List.Trace, 0);
        FraudProof memory proof = _fraud(g);
        _commit(challenger, keccak256(abi.encode(proof)));
        _pass(0, 1);
        vm.prank(challenger);
        disputes.proveFraud(current, proof, "salt");
        assertTrue(market.jobOf(current.submission.job).state == State.Slashed, "slashed");
    }

    function test_listOfOneTensor_beginsInside() public {
        Grove memory g = _job(70, 1, true);
        _open(current, List.Trace, 0);
        assertTrue(x.next == Move.EnterTensor, "enter");
        _reachTensor(g, 0);
        assertEq(x.depthLeft, 2, "depth");
        _reachLeaf(g, 2);
        _answerLeaf(g);
        _timeout();
        _expectLost(UNIT);
    }

    function test_listOfOneTensor_challengerNeverEnters() public {
        _job(70, 1, true);
        _open(current, List.Trace, 0);
        _timeout();
        _expectLost(UNIT);
    }

    /// Its root is the leaf.
    function test_tensorOfOneLeaf() public {
        Grove memory g = _job(70, 3, true);
        _open(current, List.Trace, 0);
        _reachTensor(g, 2);
        assertTrue(x.next == Move.AnswerLeaf, "leaf");
        assertEq(x.elements, 1, "elements");
        _answerLeaf(g);
        assertTrue(x.next == Move.AskLeaves, "asks");
    }

    function test_outputList() public {
        Grove memory g = _job(70, 3, true);
        bytes[] memory outputs = new bytes[](1);
        (, outputs[0]) = _run(1);
        Grove memory y = Toy.grove(outputs);
        _open(current, List.Output, 0);
        _reachTensor(y, 0);
        _reachLeaf(y, 1);
        _answerLeaf(y);
        // Both lists may be asked for, whichever the descent was in.
        RelationRef[] memory mentions = new RelationRef[](1);
        mentions[0] = Toy.refer(n, m, m);
        LeafRequest[] memory requests = new LeafRequest[](2);
        requests[0] = LeafRequest(0, 0, _one(2));
        requests[1] = LeafRequest(0, 1, _one(0));
        _ask(mentions, requests);
        uint8[] memory depths = new uint8[](2);
        (depths[0], depths[1]) = (2, 2);
        Opening[] memory openings = new Opening[](2);
        openings[0] = Toy.opening(y, List.Output, 0, _one(2));
        openings[1] = Toy.opening(g, List.Trace, 0, _one(0));
        _answer(depths, openings);
        assertTrue(x.next == Move.AskLeaves, "answered");
    }

    function test_lists_withoutAnything() public {
        _job(70, 3, true);
        vm.startPrank(challenger);
        _reject(IDisputes.NothingToAsk.selector);
        disputes.open(current, List.Input, 0);
        _reject(IDisputes.NothingToAsk.selector);
        disputes.open(current, List.Constant, 0);
        vm.stopPrank();
    }

    /// Any leaf of any tensor is reached, and the answer is its content.
    function test_fuzz_descent(uint256 tensor, uint256 leaf) public {
        Grove memory g = _job(70 * 32, 9, true);
        tensor = bound(tensor, 0, 8);
        _open(current, List.Trace, 0);
        _reachTensor(g, tensor);
        // Padding is reached like all else.
        leaf = bound(leaf, 0, g.tensors[tensor][0].length - 1);
        _reachLeaf(g, leaf);
        assertEq(x.tensor, tensor, "tensor");
        assertEq(x.position, leaf, "leaf");
        assertEq(x.node, g.tensors[tensor][0][leaf], "node");
        _answerLeaf(g);
    }

    function test_garbageRoot_hasNoAnswer() public {
        model = _model(70, 3);
        (Grove memory g, bytes memory y) = _run(1);
        current = _submit(_params(1, keccak256(abi.encode(model))), model, "garbage", y);
        before = _books();
        _open(current, List.Trace, 0);
        bytes32[] memory nodes = Forest.below(g.list, 2, 0, 2);
        _reject(IDisputes.AnswerRejected.selector);
        disputes.answerNodes(id, x, nodes);
        _timeout();
        _expectSlashed(int256(REWARD), 0);
    }

    /// A tree too flat or too deep for the program's tensor has no answer where it matters.
    function test_wrongDepth_hasNoAnswer() public {
        model = _model(70, 1);
        (Grove memory g, bytes memory y) = _run(1);
        // 70 elements in two leaves' tree: the third is nowhere.
        bytes32[][] memory flat = Forest.tensor(new bytes(256));
        current = _submit(_params(1, keccak256(abi.encode(model))), model, Forest.root(flat), y);
        before = _books();
        _open(current, List.Trace, 0);
        _enter(0, 0);
        bytes32[] memory nodes = Forest.below(flat, 1, 0, 1);
        _reject(IDisputes.AnswerRejected.selector);
        disputes.answerNodes(id, x, nodes);
        nodes = Forest.below(g.tensors[0], 2, 0, 2);
        _reject(IDisputes.AnswerRejected.selector);
        disputes.answerNodes(id, x, nodes);
        _timeout();
        _expectSlashed(int256(REWARD), 0);
    }

    function test_tooDeep_hasNoLeaf() public {
        model = _model(70, 1);
        (, bytes memory y) = _run(1);
        bytes32[][] memory deep = Forest.tensor(new bytes(1024));
        current = _submit(_params(1, keccak256(abi.encode(model))), model, Forest.root(deep), y);
        before = _books();
        _open(current, List.Trace, 0);
        _enter(0, 0);
        Grove memory g = Toy.grove(new bytes[](1));
        // The node two levels down is none of leaves, but of nodes.
        g.tensors[0] = new bytes32[][](3);
        for (uint256 k = 0; k < 3; k++) {
            g.tensors[0][k] = deep[k + 1];
        }
        _answerNodes(g);
        _descend(g, 1);
        bytes memory pair = abi.encode(deep[0][2], deep[0][3]);
        assertEq(keccak256(pair), x.node, "a node");
        _reject(IDisputes.AnswerRejected.selector);
        disputes.answerLeaf(id, x, pair);
        _timeout();
        _expectSlashed(int256(REWARD), 0);
    }

    function test_answers_thatAreFalse() public {
        Grove memory g = _job(70, 3, true);
        _open(current, List.Trace, 0);
        bytes32[] memory nodes = _nodes(g);
        nodes[1] = nodes[0];
        _reject(IDisputes.AnswerRejected.selector);
        disputes.answerNodes(id, x, nodes);
        // Two levels are asked for, not one, however true.
        nodes = Forest.below(g.list, 2, 0, 1);
        _reject(IDisputes.AnswerRejected.selector);
        disputes.answerNodes(id, x, nodes);
        _answerNodes(g);
        _descend(g, 2);
        _enter(2, 0);
        bytes memory leaf = Forest.leafOf(g.values[2], 0);
        leaf[127] = 0x01;
        _reject(IDisputes.AnswerRejected.selector);
        disputes.answerLeaf(id, x, leaf);
    }

    function test_answers_ofLeaves_thatAreFalse() public {
        Grove memory g = _job(70, 3, true);
        _open(current, List.Trace, 0);
        _reachTensor(g, 2);
        _answerLeaf(g);
        uint32[] memory leaves = new uint32[](2);
        leaves[1] = 2;
        _askFirst(leaves);
        (uint8[] memory depths, Opening[] memory openings) = _openings(g, leaves);
        _rejectLeaves(depths, new Opening[](0));
        _rejectLeaves(new uint8[](0), new Opening[](0));
        // Fewer leaves, another tensor, another list.
        openings[0] = Toy.opening(g, List.Trace, 0, _one(0));
        _rejectLeaves(depths, openings);
        depths[0] = 0;
        openings[0] = Toy.opening(g, List.Trace, 1, _one(0));
        _rejectLeaves(depths, openings);
        (depths, openings) = _openings(g, leaves);
        openings[0].list = List.Output;
        _rejectLeaves(depths, openings);
        // Not under the submission's root.
        (depths, openings) = _openings(g, leaves);
        openings[0].path[0] = 0;
        _rejectLeaves(depths, openings);
        (depths, openings) = _openings(g, leaves);
        openings[0].path = new bytes32[](0);
        _rejectLeaves(depths, openings);
        (depths, openings) = _openings(g, leaves);
        openings[0].root = 0;
        _rejectLeaves(depths, openings);
        // Not the content.
        (depths, openings) = _openings(g, leaves);
        openings[0].data[3] ^= 0x01;
        _rejectLeaves(depths, openings);
        // Another depth.
        (depths, openings) = _openings(g, leaves);
        depths[0] = 3;
        _reject(Trees.MultiproofMalformed.selector);
        disputes.answerLeaves(id, x, depths, openings);
        depths[0] = 2;
        _answer(depths, openings);
    }

    function _rejectLeaves(uint8[] memory depths, Opening[] memory openings) private {
        _reject(IDisputes.AnswerRejected.selector);
        disputes.answerLeaves(id, x, depths, openings);
    }

    function test_askLeaves_thatMayNotBe() public {
        Grove memory g = _job(70 * 32, 3, true);
        _open(current, List.Trace, 0);
        _reachTensor(g, 2);
        _answerLeaf(g);
        (RelationRef[] memory mentions, LeafRequest[] memory requests) = _request(_one(70));
        _rejectAsk(mentions, requests); // beyond the tensor
        requests[0].leaves = new uint32[](0);
        _rejectAsk(mentions, requests);
        requests[0].leaves = new uint32[](2);
        _rejectAsk(mentions, requests); // not increasing
        requests[0].leaves = new uint32[](65);
        for (uint32 i = 0; i < 65; i++) {
            requests[0].leaves[i] = i;
        }
        _rejectAsk(mentions, requests);
        requests[0].leaves = _one(0);
        requests[0].slot = 1;
        _rejectAsk(mentions, requests); // Input
        requests[0].slot = 2;
        _rejectAsk(mentions, requests); // Constant
        requests[0].slot = 3;
        vm.prank(challenger);
        _reject(IFraudVerifier.DescriptorRejected.selector);
        disputes.askLeaves(id, x, mentions, requests);
        requests[0].slot = 0;
        requests[0].mention = 1;
        _rejectAsk(mentions, requests);
        _rejectAsk(mentions, new LeafRequest[](0));
        // No relation of the program.
        requests[0].mention = 0;
        mentions[0].index = 1;
        vm.prank(challenger);
        _reject(IFraudVerifier.RelationNotInProgram.selector);
        disputes.askLeaves(id, x, mentions, requests);
        // Without the money.
        mentions[0].index = 0;
        uint256 balance = market.balanceOf(challenger);
        vm.prank(challenger);
        market.withdraw(challenger, balance);
        vm.prank(challenger);
        vm.expectRevert(
            abi.encodeWithSelector(IJobMarket.InsufficientBalance.selector, 0, (UNIT + 31) / 32)
        );
        disputes.askLeaves(id, x, mentions, requests);
    }

    function _rejectAsk(RelationRef[] memory mentions, LeafRequest[] memory requests) private {
        vm.prank(challenger);
        _reject(IDisputes.RequestRejected.selector);
        disputes.askLeaves(id, x, mentions, requests);
    }

    function test_descend_thatMayNotBe() public {
        Grove memory g = _job(70, 3, true);
        _open(current, List.Trace, 0);
        _answerNodes(g);
        bytes32[] memory path = Forest.path(g.list, 0, 1, 2);
        bytes32 node = g.list[0][1];
        vm.startPrank(challenger);
        _rejectDescend(2, node, path);
        _rejectDescend(5, node, path);
        _rejectDescend(1, path[0], path);
        _rejectDescend(0, g.list[1][0], Forest.path(g.list, 1, 0, 1));
        disputes.descend(id, x, 1, node, path);
        vm.stopPrank();
    }

    function _rejectDescend(uint8 child, bytes32 node, bytes32[] memory path) private {
        _reject(IDisputes.RequestRejected.selector);
        disputes.descend(id, x, child, node, path);
    }

    function test_enterTensor_thatMayNotBe() public {
        Grove memory g = _job(70, 3, true);
        _open(current, List.Trace, 0);
        _answerNodes(g);
        _descend(g, 1);
        RelationRef memory r = Toy.refer(n, m, 2); // t_2 and t_0
        vm.startPrank(challenger);
        _reject(IDisputes.RequestRejected.selector);
        disputes.enterTensor(id, x, r, 0);
        r = Toy.refer(n, m, 0); // Input
        _reject(IDisputes.RequestRejected.selector);
        disputes.enterTensor(id, x, r, 1);
        r = Toy.refer(n, m, m); // y, in another list
        _reject(IDisputes.RequestRejected.selector);
        disputes.enterTensor(id, x, r, 0);
        vm.stopPrank();
    }

    /// Only the state that the last move has left counts, only its move, only its side's.
    function test_moves_outOfTurn() public {
        Grove memory g = _job(70, 3, true);
        _open(current, List.Trace, 0);
        Challenge memory opened = x;
        _rejectAllBut(Move.AnswerNodes);
        bytes32[] memory nodes = _nodes(g);
        _answerNodes(g);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.UnknownChallenge.selector, id));
        disputes.answerNodes(id, opened, nodes);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.UnknownChallenge.selector, bytes32("no")));
        disputes.answerNodes("no", x, nodes);
        _rejectAllBut(Move.Descend);
        bytes32[] memory path = Forest.path(g.list, 0, 0, 2);
        vm.prank(provider);
        _reject(IDisputes.NotYourTurn.selector);
        disputes.descend(id, x, 0, nodes[0], path);
        _descend(g, 0);
        _rejectAllBut(Move.EnterTensor);
        RelationRef memory r = Toy.refer(n, m, 0);
        _reject(IDisputes.NotYourTurn.selector);
        disputes.enterTensor(id, x, r, 0);
        _enter(0, 0);
        _reachLeaf(g, 0);
        _rejectAllBut(Move.AnswerLeaf);
        _answerLeaf(g);
        _rejectAllBut(Move.AskLeaves);
        (RelationRef[] memory mentions, LeafRequest[] memory requests) = _request(_one(0));
        _reject(IDisputes.NotYourTurn.selector);
        disputes.askLeaves(id, x, mentions, requests);
        _askFirst(_one(0));
        _rejectAllBut(Move.AnswerLeaves);
        _pass(101, 11);
        disputes.timeout(id, x, current.params, current.submission);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.UnknownChallenge.selector, id));
        disputes.timeout(id, x, current.params, current.submission);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.UnknownChallenge.selector, id));
        disputes.close(id, x);
    }

    function _rejectAllBut(Move move) private {
        vm.startPrank(challenger);
        if (move != Move.AnswerNodes) {
            _rejectMove(move);
            disputes.answerNodes(id, x, new bytes32[](0));
        }
        if (move != Move.Descend) {
            _rejectMove(move);
            disputes.descend(id, x, 0, 0, new bytes32[](0));
        }
        if (move != Move.EnterTensor) {
            RelationRef memory r;
            _rejectMove(move);
            disputes.enterTensor(id, x, r, 0);
        }
        if (move != Move.AnswerLeaf) {
            _rejectMove(move);
            disputes.answerLeaf(id, x, "");
        }
        if (move != Move.AskLeaves) {
            _rejectMove(move);
            disputes.askLeaves(id, x, new RelationRef[](0), new LeafRequest[](0));
        }
        if (move != Move.AnswerLeaves) {
            _rejectMove(move);
            disputes.answerLeaves(id, x, new uint8[](0), new Opening[](0));
        }
        _rejectMove(move);
        disputes.answerOutput(id, x, "", new bytes32[](0));
        vm.stopPrank();
    }

    function test_open_twice() public {
        _job(70, 3, true);
        _open(current, List.Trace, 0);
        vm.startPrank(challenger);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.ChallengeExists.selector, id));
        disputes.open(current, List.Trace, 0);
        // Another number, another list, another challenger.
        disputes.open(current, List.Trace, "1");
        disputes.open(current, List.Output, 0);
        vm.stopPrank();
        vm.prank(other);
        disputes.open(current, List.Trace, 0);
        assertEq(market.jobOf(current.submission.job).disputes, 4, "disputes");
    }

    function test_open_closedIdIsNotReused() public {
        Grove memory g = _job(32, 1, true);
        JobParams memory p = _params(2, keccak256(abi.encode(model)));
        (, bytes memory y) = _run(1);
        p.windowSeconds = 1000;
        current = _submit(p, model, Toy.root(g), y);
        _open(current, List.Trace, 0);
        _timeout();
        vm.prank(challenger);
        vm.expectRevert(abi.encodeWithSelector(IDisputes.ChallengeExists.selector, id));
        disputes.open(current, List.Trace, 0);
    }

    function test_open_withoutTheMoney() public {
        _job(70, 3, true);
        address poor = address(0x900);
        vm.prank(poor);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.InsufficientBalance.selector, 0, UNIT));
        disputes.open(current, List.Trace, 0);
    }

    /// A hundred at once: an honest provider answers them and gains; the job waits for the last.
    function test_hundredChallenges_ofHonestProvider() public {
        Grove memory g = _job(32, 1, true);
        RelationRef memory r = Toy.refer(n, m, 0);
        bytes32[] memory ids = new bytes32[](100);
        Challenge[] memory states = new Challenge[](100);
        for (uint256 i = 0; i < 100; i++) {
            _open(current, List.Trace, bytes32(i));
            _enter(0, 0);
            (ids[i], states[i]) = (id, x);
        }
        assertEq(market.bonds(), 100 * UNIT, "bonds");
        assertEq(uint256(r.index), 0, "relation");
        for (uint256 i = 0; i < 100; i++) {
            (id, x) = (ids[i], states[i]);
            _answerLeaf(g);
            states[i] = x;
        }
        _pass(101, 11);
        for (uint256 i = 0; i < 100; i++) {
            vm.expectRevert(abi.encodeWithSelector(IJobMarket.DisputesOpen.selector, 100 - i));
            market.finalize(current.submission.job);
            disputes.timeout(ids[i], states[i], current.params, current.submission);
        }
        uint256 burned = 100 * (UNIT / 10);
        _expect(0, int256(100 * UNIT - burned), -int256(100 * UNIT), 0, int256(burned), 0);
        market.finalize(current.submission.job);
    }

    /// The job is ended by another's proof while challenges are open, in every turn: all bonds back.
    function test_close_afterAnothersProof() public {
        Grove memory g = _job(70, 3, false);
        _open(current, List.Trace, "1");
        (bytes32 first, Challenge memory waiting) = (id, x);
        _open(current, List.Trace, "2");
        _answerNodes(g);
        _reject(IDisputes.ClockRunning.selector);
        disputes.close(id, x);
        FraudProof memory proof = _fraud(g);
        _commit(other, keccak256(abi.encode(proof)));
        _pass(0, 1);
        vm.prank(other);
        disputes.proveFraud(current, proof, "salt");
        // Whoever missed its turn meanwhile: nothing is lost any more.
        _pass(101, 11);
        _reject(IDisputes.JobEnded.selector);
        disputes.timeout(id, x, current.params, current.submission);
        _reject(IDisputes.JobEnded.selector);
        disputes.timeout(first, waiting, current.params, current.submission);
        disputes.close(id, x);
        disputes.close(first, waiting);
        assertEq(market.balanceOf(challenger), before.challenger, "bonds back");
        assertEq(market.balanceOf(other), before.other + REWARD, "reward");
        assertEq(market.bonds(), 0, "bonds");
    }

    /// Two silent challenges: the first timeout has the fault, the second its bond.
    function test_timeout_twoAtOnce() public {
        _job(70, 3, true);
        _open(current, List.Trace, "1");
        (bytes32 first, Challenge memory waiting) = (id, x);
        _open(current, List.Trace, "2");
        _timeout();
        _reject(IDisputes.JobEnded.selector);
        disputes.timeout(first, waiting, current.params, current.submission);
        disputes.close(first, waiting);
        _expectSlashed(int256(REWARD), 0);
    }

    /// The fault cannot be aimed at another job.
    function test_timeout_ofAnotherJob_reverts() public {
        Grove memory g = _job(70, 3, true);
        JobParams memory p = _params(2, keccak256(abi.encode(model)));
        (, bytes memory y) = _run(1);
        Case memory second = _submit(p, model, Toy.root(g), y);
        _open(current, List.Trace, 0);
        _pass(101, 11);
        _reject(IDisputes.NotTheCase.selector);
        disputes.timeout(id, x, second.params, second.submission);
        _reject(IDisputes.NotTheCase.selector);
        disputes.timeout(id, x, current.params, second.submission);
    }
}

contract DisputesOutputTest is DisputesBase {
    /// 257 leaves: a chunk of 256 and one of a single leaf that is not full.
    uint256 private constant LARGE = 256 * 32 + 5;
    /// Leaves that an answer earns a unit with.
    uint256 private constant PAID = 2816;

    bytes private output;

    function _large() private returns (Grove memory g) {
        g = _job(LARGE, 1, true);
        bytes[] memory values = new bytes[](1);
        values[0] = g.values[0];
        output = g.values[0];
        g = Toy.grove(values);
    }

    function _openOutput(uint32 chunk) private {
        vm.recordLogs();
        vm.prank(requester);
        disputes.openOutput(current, 0, chunk, bytes32(uint256(chunk)));
        _follow();
    }

    function _slice(uint256 from, uint256 to) private view returns (bytes memory piece) {
        bytes memory all = output;
        piece = new bytes(to - from);
        for (uint256 i = 0; i < piece.length; i++) {
            piece[i] = all[from + i];
        }
    }

    function test_openOutput_chunks() public {
        Grove memory g = _large();
        _openOutput(0);
        assertEq(x.bond, 3 * UNIT, "bond of a full chunk");
        bytes memory data = _slice(0, 256 * 128);
        bytes32[] memory path = Forest.path(g.tensors[0], 8, 0, 1);
        _rejectOutput(_slice(0, 256 * 128 - 4), path);
        _rejectOutput(data, new bytes32[](0));
        data[9] ^= 0x01;
        _rejectOutput(data, path);
        data[9] ^= 0x01;
        disputes.answerOutput(id, x, data, path);
        _openOutput(1);
        assertEq(x.bond, UNIT + (UNIT + 127) / 128, "bond of one leaf");
        assertEq(x.elements, 5, "elements");
        disputes.answerOutput(
            id, x, _slice(256 * 128, 256 * 128 + 20), Forest.path(g.tensors[0], 8, 1, 1)
        );
        Books memory b = _books();
        // A part of what was bonded; the rest is back, and nothing burns.
        uint256 earned = 256 * UNIT / PAID + UNIT / PAID;
        assertEq(b.requester, before.requester - earned, "requester");
        assertEq(b.provider, before.provider + earned, "provider");
        assertEq(b.burned, before.burned, "burned");
        assertEq(b.bonds, 0, "bonds");
        assertEq(market.jobOf(current.submission.job).disputes, 0, "disputes");
        vm.prank(requester);
        _reject(IDisputes.RequestRejected.selector);
        disputes.openOutput(current, 0, 2, 0);
        vm.prank(requester);
        _reject(IDisputes.RequestRejected.selector);
        disputes.openOutput(current, 1, 0, 0);
    }

    function _rejectOutput(bytes memory data, bytes32[] memory path) private {
        _reject(IDisputes.AnswerRejected.selector);
        disputes.answerOutput(id, x, data, path);
    }

    function test_openOutput_silence() public {
        _large();
        _openOutput(0);
        _pass(101, 11);
        _reject(IDisputes.ClockOver.selector);
        disputes.answerOutput(id, x, "", new bytes32[](0));
        disputes.timeout(id, x, current.params, current.submission);
        Books memory b = _books();
        assertEq(b.requester, before.requester + MAX_PRICE + REWARD, "requester");
        assertEq(b.bonds, 0, "bonds");
    }

    function test_openOutput_isTheRequesters() public {
        _large();
        vm.prank(challenger);
        _reject(IDisputes.NotYourTurn.selector);
        disputes.openOutput(current, 0, 0, 0);
    }

    function test_openOutput_inlineIsOnChainAlready() public {
        _job(1024, 1, true);
        vm.prank(requester);
        _reject(IDisputes.NothingToAsk.selector);
        disputes.openOutput(current, 0, 0, 0);
    }

    function test_openOutput_beyondMaxOutputBytes() public {
        model = _model(LARGE, 1);
        (Grove memory g, bytes memory y) = _run(1);
        JobParams memory p = _params(1, keccak256(abi.encode(model)));
        p.maxOutputBytes = uint32(4 * LARGE - 1);
        current = _submit(p, model, Toy.root(g), y);
        vm.prank(requester);
        _reject(IDisputes.NothingToAsk.selector);
        disputes.openOutput(current, 0, 0, 0);
    }

    function test_openOutput_hidden() public {
        model = _model(LARGE, 1);
        (, bytes memory y) = _run(1);
        JobParams memory p = _params(1, keccak256(abi.encode(model)));
        p.evidence = EVIDENCE_PROOF;
        p.outputKey = "key";
        current = _submit(p, model, 0, y);
        vm.prank(requester);
        _reject(IDisputes.NothingToAsk.selector);
        disputes.openOutput(current, 0, 0, 0);
    }

    /// Proof evidence: a challenge in play holds up the payment that acceptance would bring.
    function test_openOutput_ofProofEvidence() public {
        model = _model(LARGE, 1);
        (, bytes memory y) = _run(1);
        JobParams memory p = _params(1, keccak256(abi.encode(model)));
        p.evidence = EVIDENCE_PROOF;
        current = _submit(p, model, 0, y);
        before = _books();
        _openOutput(1);
        vm.prank(requester);
        market.accept(current.submission.job);
        assertTrue(market.jobOf(current.submission.job).state == State.Submitted, "waits");
        _reject(IDisputes.ClockRunning.selector);
        disputes.close(id, x);
        _timeout();
        assertTrue(market.jobOf(current.submission.job).state == State.Slashed, "slashed");
    }
}
