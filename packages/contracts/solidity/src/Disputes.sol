// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {
    FraudProof,
    List,
    Lists,
    Opening,
    PaddingProof,
    RelationRef
} from "./interfaces/Commitments.sol";
import {Case, Challenge, IDisputes, LeafRequest, LeafWant, Move} from "./interfaces/IDisputes.sol";
import {IFraudVerifier} from "./interfaces/IFraudVerifier.sol";
import {
    EVIDENCE_TRACE,
    Fault,
    IJobMarket,
    Job,
    JobParams,
    Rules,
    State,
    Submission
} from "./interfaces/IJobMarket.sol";
import {Model} from "./interfaces/IModelRegistry.sol";
import {Trees} from "./lib/Trees.sol";

/// @title Disputes as IDisputes.sol describes them.
contract Disputes is IDisputes {
    uint256 public constant LEVELS = 6; // shown by one answer: 64 nodes, 2 KiB
    uint256 public constant MAX_ASKS = 3;
    uint256 public constant MAX_LEAVES = 64;
    uint256 public constant LEAVES_PER_UNIT = 32; // 26 k gas each, where the unit is 1.25 × 8 × 105 k; an answer costs 18 k to 24 k
    uint256 public constant OUTPUT_LEAVES_PER_UNIT = 128; // 8 k gas each; an answer costs 4 k to 5 k
    /// What an answer earns: 1.9 k gas each at the median price, of which the unit is five: the 99th percentile.
    uint256 public constant OUTPUT_LEAVES_PAID_PER_UNIT = 2816;
    uint256 public constant CHUNK_LEVELS = 8; // leaves of one chunk of output: 256, 32 KiB
    uint256 private constant MAX_INLINE_OUTPUT = 4096;
    uint256 private constant ELEMENT_BYTES = 4;
    uint256 private constant BPS = 10_000;
    address private constant BURN = 0x000000000000000000000000000000000000dEaD;
    bytes32 private constant CLOSED = bytes32(uint256(1));

    IJobMarket public immutable market;
    IFraudVerifier public immutable verifier;

    /// @inheritdoc IDisputes
    mapping(bytes32 commitment => uint256) public committedAt;
    /// @inheritdoc IDisputes
    mapping(bytes32 challenge => bytes32) public challengeOf;

    /// @param market_ Deployed before, with the address that this contract has.
    constructor(IJobMarket market_, IFraudVerifier verifier_) {
        if (market_.disputes() != address(this)) revert BrokenLink();
        market = market_;
        verifier = verifier_;
    }

    // ── Fraud proofs ─────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IDisputes
    function commit(bytes32 commitment) external {
        // The first record stays: a copy of a commitment that someone else sends would otherwise keep it young.
        if (committedAt[commitment] != 0) return;
        committedAt[commitment] = block.number;
        emit Committed(commitment, msg.sender);
    }

    /// @inheritdoc IDisputes
    function proveFraud(Case calldata c, FraudProof calldata proof, bytes32 salt) external {
        _reveal(c, keccak256(abi.encode(proof)), salt);
        if (!verifier.violated(_lists(c), proof)) revert RelationHolds();
        market.faulted(c.params, c.submission, Fault.Fraud, msg.sender);
    }

    /// @inheritdoc IDisputes
    function provePadding(Case calldata c, PaddingProof calldata proof, bytes32 salt) external {
        _reveal(c, keccak256(abi.encode(proof)), salt);
        if (!verifier.paddingViolated(_lists(c), proof)) revert RelationHolds();
        market.faulted(c.params, c.submission, Fault.Fraud, msg.sender);
    }

    // ── Challenges: opening ──────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IDisputes
    function open(Case calldata c, List list, bytes32 nonce) external returns (bytes32 challenge) {
        (Challenge memory x, bytes32 submission) = _begin(c);
        if (c.params.evidence & EVIDENCE_TRACE == 0) revert NothingToAsk();
        uint256 length;
        if (list == List.Trace) (x.node, length) = (x.traceRoot, x.traces);
        else if (list == List.Output) (x.node, length) = (x.outputRoot, x.outputs);
        if (length == 0) revert NothingToAsk();
        x.depthLeft = uint8(Trees.depth(length));
        x.next = x.depthLeft == 0 ? Move.EnterTensor : Move.AnswerNodes;
        x.bond = x.unit;
        challenge = _open(x, submission, list, nonce);
    }

    /// @inheritdoc IDisputes
    function openOutput(Case calldata c, uint8 tensor, uint32 chunk, bytes32 nonce)
        external
        returns (bytes32 challenge)
    {
        (Challenge memory x, bytes32 submission) = _begin(c);
        if (msg.sender != c.params.requester) revert NotYourTurn();
        uint256 elements = _outputSize(c, tensor);
        uint256 first = uint256(chunk) << CHUNK_LEVELS;
        uint256 leaves = Trees.leafCount(elements);
        if (first >= leaves) revert RequestRejected();
        leaves = Math.min(leaves - first, 2 ** CHUNK_LEVELS);
        x.next = Move.AnswerOutput;
        x.inTensor = true;
        x.tensor = tensor;
        x.node = x.outputRoot;
        x.position = chunk;
        x.depthLeft = uint8(Trees.depth(Trees.leafCount(elements)));
        x.elements =
            uint32(Math.min(elements - first * Trees.LEAF_ELEMENTS, leaves * Trees.LEAF_ELEMENTS));
        x.bond = _plus(x.unit, x.unit, leaves, OUTPUT_LEAVES_PER_UNIT);
        challenge = _open(x, submission, List.Output, nonce);
    }

    // ── Challenges: moves ────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IDisputes
    function answerNodes(bytes32 challenge, Challenge calldata state, bytes32[] calldata nodes)
        external
    {
        Challenge memory x = _resume(challenge, state, Move.AnswerNodes);
        if (nodes.length != 2 ** _levels(x) || _rootOf(nodes) != x.node) {
            revert AnswerRejected();
        }
        x.next = Move.Descend;
        emit AnsweredNodes(challenge, nodes);
        _turn(challenge, x);
    }

    /// @inheritdoc IDisputes
    function descend(
        bytes32 challenge,
        Challenge calldata state,
        uint8 child,
        bytes32 node,
        bytes32[] calldata path
    ) external {
        Challenge memory x = _resume(challenge, state, Move.Descend);
        uint256 levels = _levels(x);
        if (
            path.length != levels || child >= 2 ** levels
                || Trees.pathRoot(node, child, path) != x.node
        ) revert RequestRejected();
        x.node = node;
        // The list's and every tensor's tree have at most 2^32 leaves.
        // forge-lint: disable-next-line(unsafe-typecast)
        x.position = uint32((uint256(x.position) << levels) | child);
        // forge-lint: disable-next-line(unsafe-typecast)
        x.depthLeft -= uint8(levels);
        if (x.depthLeft != 0) x.next = Move.AnswerNodes;
        else if (x.inTensor) x.next = Move.AnswerLeaf;
        else x.next = Move.EnterTensor;
        // Entering is part of the same turn: the clock runs on.
        if (x.next == Move.EnterTensor) _keep(challenge, x);
        else _turn(challenge, x);
    }

    /// @inheritdoc IDisputes
    function enterTensor(
        bytes32 challenge,
        Challenge calldata state,
        RelationRef calldata mention,
        uint8 slot
    ) external {
        Challenge memory x = _resume(challenge, state, Move.EnterTensor);
        (List list, uint32 index, uint256 elements) = _mentioned(x, mention, slot);
        if (list != x.list || index != x.position) revert RequestRejected();
        x.inTensor = true;
        x.tensor = index;
        x.elements = SafeCast.toUint32(elements);
        x.position = 0;
        x.depthLeft = _tensorDepth(elements);
        x.next = x.depthLeft == 0 ? Move.AnswerLeaf : Move.AnswerNodes;
        _turn(challenge, x);
    }

    /// @inheritdoc IDisputes
    function answerLeaf(bytes32 challenge, Challenge calldata state, bytes calldata leaf) external {
        Challenge memory x = _resume(challenge, state, Move.AnswerLeaf);
        if (leaf.length != Trees.LEAF_BYTES || keccak256(leaf) != x.node) revert AnswerRejected();
        x.next = Move.AskLeaves;
        emit AnsweredLeaf(challenge, leaf);
        _turn(challenge, x);
    }

    /// @inheritdoc IDisputes
    function askLeaves(
        bytes32 challenge,
        Challenge calldata state,
        RelationRef[] calldata mentions,
        LeafRequest[] calldata requests
    ) external {
        Challenge memory x = _resume(challenge, state, Move.AskLeaves);
        if (x.asks == MAX_ASKS) revert RequestRejected();
        (LeafWant[] memory wants, uint256 total, bytes32 asked) = _resolve(x, mentions, requests);
        if (total == 0 || total > MAX_LEAVES) revert RequestRejected();
        uint96 bond = _plus(x.bond, x.unit, total, LEAVES_PER_UNIT);
        market.takeBond(msg.sender, bond - x.bond);
        x.bond = bond;
        x.asks += 1;
        x.asked = asked;
        x.next = Move.AnswerLeaves;
        emit Asked(challenge, wants);
        _turn(challenge, x);
    }

    /// @inheritdoc IDisputes
    function answerLeaves(
        bytes32 challenge,
        Challenge calldata state,
        uint8[] calldata depths,
        Opening[] calldata openings
    ) external {
        Challenge memory x = _resume(challenge, state, Move.AnswerLeaves);
        if (depths.length != openings.length) revert AnswerRejected();
        bytes32 asked = 0;
        for (uint256 i = 0; i < openings.length; i++) {
            Opening calldata o = openings[i];
            asked = _fold(asked, o.list, o.index, depths[i], o.leaves);
            bool trace = o.list == List.Trace;
            if (
                o.path.length != Trees.depth(trace ? x.traces : x.outputs)
                    || Trees.pathRoot(o.root, o.index, o.path)
                        != (trace ? x.traceRoot : x.outputRoot)
                    || Trees.multiproofRoot(o.leaves, o.data, o.siblings, depths[i]) != o.root
            ) revert AnswerRejected();
        }
        // Lists, tensors, depths and leaves are those asked for, nothing less.
        if (asked != x.asked) revert AnswerRejected();
        x.asked = 0;
        x.next = Move.AskLeaves;
        emit AnsweredLeaves(challenge, openings);
        _turn(challenge, x);
    }

    /// @inheritdoc IDisputes
    function answerOutput(
        bytes32 challenge,
        Challenge calldata state,
        bytes calldata data,
        bytes32[] calldata path
    ) external {
        Challenge memory x = _resume(challenge, state, Move.AnswerOutput);
        uint256 levels = Math.min(x.depthLeft, CHUNK_LEVELS);
        uint256 above = x.depthLeft - levels;
        if (
            data.length != uint256(x.elements) * ELEMENT_BYTES
                || path.length != above + Trees.depth(x.outputs)
        ) revert AnswerRejected();
        bytes32 h = Trees.tensorRoot(data);
        // The last chunk of a tensor of several may be short: its subtree is completed with padding.
        for (uint256 d = Trees.depth(Trees.leafCount(x.elements)); d < levels; d++) {
            h = Trees.node(h, Trees.zero(d));
        }
        h = Trees.pathRoot(h, x.position, path[:above]);
        if (Trees.pathRoot(h, x.tensor, path[above:]) != x.node) revert AnswerRejected();
        // forge-lint: disable-next-line(unsafe-typecast)
        uint32 first = uint32((uint256(x.position) << CHUNK_LEVELS) * Trees.LEAF_ELEMENTS);
        emit AnsweredOutput(challenge, uint8(x.tensor), first, data);
        // Nobody can tell whether the output was to be had elsewhere: each side bears about half of the gas.
        uint256 leaves = Trees.leafCount(x.elements);
        _end(challenge, x, uint256(x.unit) * leaves / OUTPUT_LEAVES_PAID_PER_UNIT, 0);
    }

    // ── Challenges: ends ─────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IDisputes
    function timeout(
        bytes32 challenge,
        Challenge calldata state,
        JobParams calldata p,
        Submission calldata s
    ) external {
        Challenge memory x = _known(challenge, state);
        if (!_over(x.due, x.dueBlock)) revert ClockRunning();
        if (market.jobId(p) != x.job) revert NotTheCase();
        Job memory job = market.jobOf(x.job);
        if (job.state != State.Submitted) revert JobEnded();
        if (job.submission != keccak256(abi.encode(s))) revert NotTheCase();
        if (!_providers(x.next)) return _lose(challenge, x);
        challengeOf[challenge] = CLOSED;
        emit Closed(challenge, x.job, true, x.bond, 0, 0);
        market.payBond(x.challenger, x.bond, x.job);
        market.disputeClosed(x.job);
        market.faulted(p, s, Fault.Withheld, x.challenger);
    }

    /// @inheritdoc IDisputes
    function close(bytes32 challenge, Challenge calldata state) external {
        Challenge memory x = _known(challenge, state);
        if (market.jobOf(x.job).state == State.Submitted) revert ClockRunning();
        challengeOf[challenge] = CLOSED;
        emit Closed(challenge, x.job, false, x.bond, 0, 0);
        market.payBond(x.challenger, x.bond, x.job);
    }

    // ── Cases ────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev Parameters, submission and model are those of a job that is Submitted.
    function _check(Case calldata c) private view returns (bytes32 job, bytes32 submission) {
        job = market.jobId(c.params);
        Job memory j = market.jobOf(job);
        submission = keccak256(abi.encode(c.submission));
        if (
            j.state != State.Submitted || j.submission != submission
                || c.params.modelId != keccak256(abi.encode(c.model))
        ) revert NotTheCase();
    }

    function _reveal(Case calldata c, bytes32 proof, bytes32 salt) private view {
        (bytes32 job, bytes32 submission) = _check(c);
        // Roots of other evidence mean other things.
        if (c.params.evidence & EVIDENCE_TRACE == 0) revert NothingToAsk();
        uint256 number = committedAt[
            keccak256(
                abi.encode(block.chainid, address(this), msg.sender, job, submission, proof, salt)
            )
        ];
        if (number == 0) revert CommitmentMissing();
        if (block.number <= number) revert CommitmentYoung();
    }

    function _lists(Case calldata c) private pure returns (Lists memory lists) {
        Model calldata m = c.model;
        lists.relations = m.relationsRoot;
        lists.relationCount = m.relations;
        lists.roots =
            [m.constantsRoot, c.params.inputRoot, c.submission.traceRoot, c.submission.outputRoot];
        lists.lengths = [m.constants, m.inputs, m.traces, m.outputs];
    }

    /// @dev What every challenge starts from.
    function _begin(Case calldata c) private view returns (Challenge memory x, bytes32 submission) {
        (x.job, submission) = _check(c);
        Rules memory r = market.rules(c.params.rules);
        x.challenger = msg.sender;
        x.provider = c.submission.provider;
        x.relations = c.model.relationsRoot;
        x.relationCount = c.model.relations;
        x.traceRoot = c.submission.traceRoot;
        x.outputRoot = c.submission.outputRoot;
        x.traces = c.model.traces;
        x.outputs = c.model.outputs;
        x.unit = r.challengeBond;
        x.turnSeconds = r.turnSeconds;
        x.turnBlocks = r.turnBlocks;
        x.forfeitBurnBps = r.forfeitBurnBps;
    }

    function _open(Challenge memory x, bytes32 submission, List list, bytes32 nonce)
        private
        returns (bytes32 challenge)
    {
        x.list = list;
        challenge = keccak256(
            abi.encode(block.chainid, address(this), x.job, submission, x.challenger, list, nonce)
        );
        if (challengeOf[challenge] != 0) revert ChallengeExists(challenge);
        emit Opened(challenge, x.job, x.challenger, x.provider, list, x.bond);
        _turn(challenge, x);
        market.disputeOpened(x.job);
        market.takeBond(x.challenger, x.bond);
    }

    /// @dev Elements of a tensor of a public output that is not on chain and may be demanded there.
    function _outputSize(Case calldata c, uint8 tensor) private pure returns (uint256 elements) {
        if (tensor >= c.model.outputs) revert RequestRejected();
        uint256 sizes = c.model.outputSizes;
        // Sizes are 32 bits each.
        // forge-lint: disable-next-line(unsafe-typecast)
        elements = uint32(sizes >> (32 * uint256(tensor)));
        uint256 total = 0;
        for (; sizes != 0; sizes >>= 32) {
            // forge-lint: disable-next-line(unsafe-typecast)
            total += uint32(sizes) * ELEMENT_BYTES;
        }
        if (
            c.params.outputKey != 0 || total <= MAX_INLINE_OUTPUT || total > c.params.maxOutputBytes
        ) revert NothingToAsk();
    }

    // ── Turns ────────────────────────────────────────────────────────────────────────────────────────────────

    function _known(bytes32 challenge, Challenge calldata state)
        private
        view
        returns (Challenge memory)
    {
        if (challengeOf[challenge] != keccak256(abi.encode(state))) {
            revert UnknownChallenge(challenge);
        }
        return state;
    }

    function _resume(bytes32 challenge, Challenge calldata state, Move move)
        private
        view
        returns (Challenge memory x)
    {
        x = _known(challenge, state);
        if (x.next != move) revert WrongMove(x.next);
        if (!_providers(move) && msg.sender != x.challenger) revert NotYourTurn();
        if (_over(x.due, x.dueBlock)) revert ClockOver();
    }

    /// @dev The other side's turn, or the same side's next, begins.
    function _turn(bytes32 challenge, Challenge memory x) private {
        x.due = SafeCast.toUint40(block.timestamp + x.turnSeconds);
        x.dueBlock = SafeCast.toUint64(block.number + x.turnBlocks);
        _keep(challenge, x);
    }

    function _keep(bytes32 challenge, Challenge memory x) private {
        challengeOf[challenge] = keccak256(abi.encode(x));
        emit Moved(challenge, x);
    }

    /// @dev The challenger has missed its turn.
    function _lose(bytes32 challenge, Challenge memory x) private {
        uint256 burned = uint256(x.bond) * x.forfeitBurnBps / BPS;
        _end(challenge, x, x.bond - burned, burned);
    }

    /// @dev The job goes on. What is neither earned nor burned goes back.
    function _end(bytes32 challenge, Challenge memory x, uint256 earned, uint256 burned) private {
        challengeOf[challenge] = CLOSED;
        uint96 toProvider = SafeCast.toUint96(earned);
        uint96 toBurn = SafeCast.toUint96(burned);
        uint96 back = x.bond - toProvider - toBurn;
        emit Closed(challenge, x.job, false, back, toProvider, toBurn);
        market.payBond(x.challenger, back, x.job);
        market.payBond(x.provider, toProvider, x.job);
        market.payBond(BURN, toBurn, x.job);
        market.disputeClosed(x.job);
    }

    /// @dev Both clocks: blocks may stand still while seconds pass, and pass fast.
    function _over(uint256 time, uint256 number) private view returns (bool) {
        // forge-lint: disable-next-line(block-timestamp)
        return block.timestamp > time && block.number > number;
    }

    function _providers(Move move) private pure returns (bool) {
        return move == Move.AnswerNodes || move == Move.AnswerLeaf || move == Move.AnswerLeaves
            || move == Move.AnswerOutput;
    }

    // ── Requests ─────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev A tensor of Trace or Output, by a relation that mentions it.
    function _mentioned(Challenge memory x, RelationRef calldata mention, uint8 slot)
        private
        view
        returns (List list, uint32 index, uint256 elements)
    {
        (list, index, elements) = verifier.mentioned(x.relations, x.relationCount, mention, slot);
        uint256 length = list == List.Trace ? x.traces : list == List.Output ? x.outputs : 0;
        if (index >= length) revert RequestRejected();
    }

    function _resolve(
        Challenge memory x,
        RelationRef[] calldata mentions,
        LeafRequest[] calldata requests
    ) private view returns (LeafWant[] memory wants, uint256 total, bytes32 asked) {
        wants = new LeafWant[](requests.length);
        for (uint256 i = 0; i < requests.length; i++) {
            LeafRequest calldata request = requests[i];
            if (request.mention >= mentions.length) revert RequestRejected();
            LeafWant memory want = _want(x, mentions[request.mention], request);
            wants[i] = want;
            total += request.leaves.length;
            asked = _fold(asked, want.list, want.tensor, want.depth, request.leaves);
        }
    }

    function _want(Challenge memory x, RelationRef calldata mention, LeafRequest calldata request)
        private
        view
        returns (LeafWant memory want)
    {
        uint256 elements;
        (want.list, want.tensor, elements) = _mentioned(x, mention, request.slot);
        want.depth = _tensorDepth(elements);
        want.leaves = request.leaves;
        _checkLeaves(request.leaves, Trees.leafCount(elements));
    }

    function _checkLeaves(uint32[] calldata leaves, uint256 count) private pure {
        uint256 from = 0;
        for (uint256 i = 0; i < leaves.length; i++) {
            uint256 leaf = leaves[i];
            if (leaf < from || leaf >= count) revert RequestRejected();
            from = leaf + 1;
        }
        if (from == 0) revert RequestRejected();
    }

    function _fold(bytes32 asked, List list, uint32 index, uint8 depth, uint32[] calldata leaves)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(asked, list, index, depth, keccak256(abi.encodePacked(leaves))));
    }

    /// @dev Root of a level of 2^k nodes. Halved in place: each pair lies as its hash takes it.
    function _rootOf(bytes32[] calldata nodes) private pure returns (bytes32 root) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            let size := shl(5, nodes.length)
            calldatacopy(free, nodes.offset, size)
            for {} gt(size, 0x20) { size := shr(1, size) } {
                for { let i := 0 } lt(i, size) { i := add(i, 0x40) } {
                    mstore(add(free, shr(1, i)), keccak256(add(free, i), 0x40))
                }
            }
            root := mload(free)
        }
    }

    function _levels(Challenge memory x) private pure returns (uint256) {
        return Math.min(x.depthLeft, LEVELS);
    }

    function _tensorDepth(uint256 elements) private pure returns (uint8) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint8(Trees.depth(Trees.leafCount(elements)));
    }

    /// @dev bond + unit · leaves / perUnit, rounded up.
    function _plus(uint96 bond, uint96 unit, uint256 leaves, uint256 perUnit)
        private
        pure
        returns (uint96)
    {
        return SafeCast.toUint96(bond + Math.ceilDiv(uint256(unit) * leaves, perUnit));
    }
}
