// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FraudProof, List, Opening, PaddingProof} from "../../src/interfaces/Commitments.sol";
import {Case, Challenge, IDisputes, Move} from "../../src/interfaces/IDisputes.sol";
import {
    EVIDENCE_PROOF,
    EVIDENCE_TRACE,
    FLAG_ACKNOWLEDGED,
    FLAG_DELIVERED,
    FLAG_RESCUE,
    FLAG_SETTLED,
    InputKind,
    Job,
    JobParams,
    State,
    Submission,
    Verdict
} from "../../src/interfaces/IJobMarket.sol";
import {IVerdicts} from "../../src/interfaces/IVerdicts.sol";
import {Model} from "../../src/interfaces/IModelRegistry.sol";
import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {vm} from "../Cheats.sol";
import {Forest} from "../support/Forest.sol";
import {Play} from "../support/Play.sol";
import {Grove, Toy} from "../support/Toy.sol";

/// What a submission is worth.
enum Quality {
    None,
    Canonical,
    Wrong, // one element, and all that follows from it; served
    Garbage, // a root of nothing; nothing can be served
    Padding // all right but for what is behind the last element; served
}

struct Ticket {
    JobParams p;
    Submission s;
    bytes32 job;
    bool large;
    uint256 seed;
    Quality quality;
}

struct Game {
    bytes32 id;
    Challenge x;
    uint256 ticket;
    bool open;
}

/// @title A market at work: random acts of requesters, providers, challengers, verifiers and passers-by.
/// @dev Each act is framed: what everybody is worth before and after, against what the act allows each to
///   lose and to gain. Whoever may neither must be worth the same. A breach is written down, as a revert
///   would be forgotten. Providers answer challenges whose data they have before time passes.
contract Handler is Play {
    uint256 private constant MAX_TICKETS = 16;
    uint256 private constant MAX_GAMES = 16;
    uint256 private constant WRONG = 7;

    Ticket[] internal tickets;
    Game[] internal games;
    address[] public people;
    address[] internal requesters;
    address[] internal workers;
    address[] internal challengers;
    address[] internal verifiers;
    uint256[] internal keys;
    Model[2] internal records;
    string public broken;
    /// The ticket in hand.
    uint256 internal hand;
    mapping(bytes32 act => uint256) public calls;

    uint256[] private _was;
    mapping(address who => uint256) private _lose;
    mapping(address who => uint256) private _gain;

    constructor() {
        _deploy();
        records[1] = _model(1030, 1);
        records[0] = _model(40, 3);
        requesters = [requester, address(0xA2)];
        workers = [provider, address(0xB2), address(0xB3)];
        challengers = [challenger, other];
        _sortedVerifiers();
        _join(requesters);
        _join(workers);
        _join(challengers);
        _join(verifiers);
        for (uint256 i = 0; i < workers.length; i++) {
            vm.prank(workers[i]);
            providers.update("key", "", "");
            if (i == 0) continue;
            _fund(workers[i]);
            vm.prank(workers[i]);
            providers.stake(1000e6);
        }
        _fund(requesters[1]);
        _was = new uint256[](people.length);
    }

    function _join(address[] storage group) private {
        for (uint256 i = 0; i < group.length; i++) {
            people.push(group[i]);
        }
    }

    function _sortedVerifiers() private {
        uint256[3] memory k = [uint256(11), 12, 13];
        for (uint256 i = 0; i < 3; i++) {
            for (uint256 j = i + 1; j < 3; j++) {
                if (vm.addr(k[j]) < vm.addr(k[i])) (k[i], k[j]) = (k[j], k[i]);
            }
            keys.push(k[i]);
            verifiers.push(vm.addr(k[i]));
        }
    }

    // ── Worth ────────────────────────────────────────────────────────────────────────────────────────────────

    /// All that is somebody's: tokens, balance, stake, escrow of its jobs, bonds of its challenges. The pot
    /// of a rescue is nobody's.
    function worth(address who) public view returns (uint256 sum) {
        IProviderRegistry.Account memory a = providers.account(who);
        sum = usd.balanceOf(who) + market.balanceOf(who) + a.free + a.reserved + a.leaving;
        for (uint256 i = 0; i < tickets.length; i++) {
            if (tickets[i].p.requester != who) continue;
            Job memory j = market.jobOf(tickets[i].job);
            if (_final(j.state)) continue;
            sum += j.verifierFee;
            if (j.state != State.Rescue && j.flags & FLAG_RESCUE == 0) sum += j.price;
        }
        for (uint256 i = 0; i < games.length; i++) {
            if (games[i].open && games[i].x.challenger == who) sum += games[i].x.bond;
        }
    }

    function _final(State s) internal pure returns (bool) {
        return s == State.Final || s == State.Slashed || s == State.Expired || s == State.Cancelled
            || s == State.Void;
    }

    function _frame() private {
        for (uint256 i = 0; i < people.length; i++) {
            _was[i] = worth(people[i]);
            _lose[people[i]] = _gain[people[i]] = 0;
        }
    }

    function _allow(address who, uint256 lose, uint256 gain) private {
        _lose[who] += lose;
        _gain[who] += gain;
    }

    function _judge(string memory act) private {
        calls[keccak256(bytes(act))]++;
        for (uint256 i = 0; i < people.length; i++) {
            uint256 now_ = worth(people[i]);
            if (now_ + _lose[people[i]] < _was[i]) broken = string.concat(act, ": too much lost");
            if (now_ > _was[i] + _gain[people[i]]) {
                broken = string.concat(act, ": too much gained");
            }
        }
    }

    /// One of those that an act is for, or, where there is none, any: refusals are met too.
    function _pick(uint256 seed, function(Ticket storage, Job memory) view returns (bool) fits)
        private
        returns (Ticket storage t, Job memory j)
    {
        uint256 count = tickets.length;
        for (uint256 i = 0; i < count; i++) {
            uint256 k = (seed % count + i) % count;
            if (fits(tickets[k], market.jobOf(tickets[k].job))) return _take(k);
        }
        return _take(seed % count);
    }

    function _isOpen(Ticket storage, Job memory j) private pure returns (bool) {
        return j.state == State.Open || j.state == State.Rescue;
    }

    function _isUndelivered(Ticket storage t, Job memory j) private view returns (bool) {
        return j.state == State.Locked && t.p.inputKind == InputKind.Sealed
            && j.flags & FLAG_DELIVERED == 0;
    }

    function _isDelivered(Ticket storage, Job memory j) private pure returns (bool) {
        return
            j.state == State.Locked
                && j.flags & (FLAG_DELIVERED | FLAG_ACKNOWLEDGED) == FLAG_DELIVERED;
    }

    function _isInWork(Ticket storage t, Job memory j) private view returns (bool) {
        return j.state == State.Locked
            && (t.p.inputKind != InputKind.Sealed || j.flags & FLAG_ACKNOWLEDGED != 0);
    }

    function _isSubmitted(Ticket storage, Job memory j) private pure returns (bool) {
        return j.state == State.Submitted;
    }

    function _isTraced(Ticket storage t, Job memory j) private view returns (bool) {
        return j.state == State.Submitted && t.p.evidence & EVIDENCE_TRACE != 0;
    }

    function _isUnsettled(Ticket storage t, Job memory j) private view returns (bool) {
        return j.state == State.Submitted && t.p.verifierSet != 0 && j.flags & FLAG_SETTLED == 0;
    }

    function _isGoingOn(Ticket storage, Job memory j) private pure returns (bool) {
        return !_final(j.state);
    }

    function _take(uint256 index) private returns (Ticket storage t, Job memory j) {
        hand = index;
        t = tickets[index];
        j = market.jobOf(t.job);
        (n, m) = t.large ? (uint256(1030), uint256(1)) : (uint256(40), uint256(3));
    }

    function _case(Ticket storage t) private view returns (Case memory c) {
        c.params = t.p;
        c.submission = t.s;
        c.model = records[t.large ? 1 : 0];
    }

    // ── Requesters ───────────────────────────────────────────────────────────────────────────────────────────

    function post(uint256 seed) external {
        if (tickets.length == MAX_TICKETS) return;
        bool large = seed % 4 == 0;
        (n, m) = large ? (uint256(1030), uint256(1)) : (uint256(40), uint256(3));
        uint256 nonce = tickets.length + 1;
        JobParams memory p = _params(nonce, keccak256(abi.encode(records[large ? 1 : 0])));
        p.requester = requesters[(seed >> 8) % 2];
        p.evidence = uint8(1 + (seed >> 16) % 3);
        p.minPrice = 4e6 + 1;
        p.rampStart = uint40(vm.getBlockTimestamp());
        p.rampSeconds = 500;
        p.lockBy = uint40(vm.getBlockTimestamp() + 1000);
        if ((seed >> 24) % 2 == 0) p.rescueSeconds = 0;
        if (p.evidence & EVIDENCE_PROOF != 0 && (seed >> 32) % 4 != 0) {
            p.verifierSet = keccak256(abi.encode(verifiers, uint8(2)));
            p.verifierFee = 1e6 + 1;
        }
        if (p.evidence == EVIDENCE_PROOF) {
            if ((seed >> 40) % 2 == 0) p.inputKind = InputKind.Sealed;
            if ((seed >> 48) % 2 == 0) p.outputKey = "key";
        }
        Ticket storage t = tickets.push();
        t.p = p;
        t.large = large;
        t.seed = nonce;
        t.job = market.jobId(p);
        _frame();
        vm.prank(p.requester);
        market.post(p, "");
        _judge("post");
    }

    function cancel(uint256 seed) external {
        (Ticket storage t,) = _pick(seed, _isOpen);
        _frame();
        vm.prank(t.p.requester);
        market.cancel(t.job);
        _judge("cancel");
    }

    function deliver(uint256 seed) external {
        (Ticket storage t,) = _pick(seed, _isUndelivered);
        _frame();
        vm.prank(t.p.requester);
        market.deliver(t.p, "ciphertext", "");
        _judge("deliver");
    }

    function accept(uint256 seed) external {
        (Ticket storage t, Job memory j) = _pick(seed, _isSubmitted);
        _frame();
        _paid(j);
        vm.prank(t.p.requester);
        market.accept(t.job);
        _judge("accept");
    }

    /// What paying a job may move.
    function _paid(Job memory j) private {
        _allow(j.provider, 0, j.price);
        if (j.flags & FLAG_RESCUE == 0) _allow(j.requester, j.price, 0);
    }

    // ── Providers ────────────────────────────────────────────────────────────────────────────────────────────

    function lock(uint256 seed) external {
        (Ticket storage t,) = _pick(seed, _isOpen);
        _frame();
        vm.prank(workers[(seed >> 128) % 3]);
        market.lock(t.p);
        _judge("lock");
    }

    function acknowledge(uint256 seed) external {
        (Ticket storage t, Job memory j) = _pick(seed, _isDelivered);
        _frame();
        vm.prank(j.provider);
        market.acknowledge(t.p);
        _judge("acknowledge");
    }

    function submit(uint256 seed) external {
        (Ticket storage t, Job memory j) = _pick(seed, _isInWork);
        Quality q = Quality(1 + (seed >> 128) % 4);
        // The first worker is honest.
        if (j.provider == workers[0]) q = Quality.Canonical;
        (Grove memory traces, bytes memory y) = _traces(q, t.seed);
        bytes[] memory outputs = new bytes[](1);
        outputs[0] = y;
        bool trace = t.p.evidence & EVIDENCE_TRACE != 0;
        Submission memory s;
        s.job = t.job;
        s.provider = j.provider;
        s.outputRoot = Toy.root(Toy.grove(outputs));
        if (trace) s.traceRoot = q == Quality.Garbage ? keccak256("garbage") : Toy.root(traces);
        if (t.p.evidence & EVIDENCE_PROOF != 0) s.proofDigest = "proof";
        bool inline_ = t.p.outputKey == 0 && y.length <= 4096;
        _frame();
        vm.prank(j.provider);
        market.submit(t.p, s, inline_ ? y : bytes(""), "");
        t.s = s;
        t.quality = q;
        _judge("submit");
    }

    function _traces(Quality q, uint256 seed)
        private
        view
        returns (Grove memory traces, bytes memory y)
    {
        if (q == Quality.Wrong) return _wrong(seed, WRONG);
        (traces, y) = _run(seed);
        if (q == Quality.Padding) {
            traces.values[0] = bytes.concat(traces.values[0], hex"00000001");
            traces = Toy.grove(traces.values);
        }
    }

    function unstake(uint256 seed) external {
        address who = workers[seed % 3];
        _frame();
        vm.prank(who);
        providers.requestLeave(uint96(bound(seed >> 8, 1, 50e6)));
        _judge("unstake");
    }

    function takeStake(uint256 seed) external {
        address who = workers[seed % 3];
        _frame();
        vm.prank(who);
        providers.withdrawStake(who);
        _judge("takeStake");
    }

    // ── Money ────────────────────────────────────────────────────────────────────────────────────────────────

    function withdraw(uint256 seed) external {
        address who = people[seed % people.length];
        uint256 amount = bound(seed >> 8, 0, market.balanceOf(who));
        _frame();
        vm.prank(who);
        market.withdraw(who, amount);
        _judge("withdraw");
    }

    function burn() external {
        _frame();
        market.burn();
        _judge("burn");
    }

    // ── Ends ─────────────────────────────────────────────────────────────────────────────────────────────────

    function finalize(uint256 seed) external {
        (Ticket storage t, Job memory j) = _pick(seed, _isSubmitted);
        _frame();
        _paid(j);
        market.finalize(t.job);
        _judge("finalize");
    }

    function settle(uint256 seed) external {
        (Ticket storage t, Job memory j) = _pick(seed, _isUnsettled);
        Verdict v = t.quality == Quality.Canonical
            ? Verdict.Pass
            : seed >> 255 == 0 ? Verdict.Fail : Verdict.Unavailable;
        bytes32 digest =
            IVerdicts(market.verdicts()).verdictDigest(address(market), t.job, j.submission, v);
        bytes[] memory signatures = new bytes[](3);
        uint256 silent = (seed >> 128) % 4;
        for (uint256 i = 0; i < 3; i++) {
            if (i == silent) continue;
            (uint8 v_, bytes32 r, bytes32 s) = vm.sign(keys[i], digest);
            signatures[i] = abi.encodePacked(r, s, v_);
        }
        _frame();
        for (uint256 i = 0; i < 3; i++) {
            _allow(verifiers[i], 0, j.verifierFee);
        }
        if (v == Verdict.Pass) {
            _paid(j);
            _allow(j.requester, j.verifierFee, 0);
        } else {
            _allow(j.provider, 2 * uint256(j.price) + j.verifierFee, 0);
        }
        market.settle(t.p, t.s, v, verifiers, 2, signatures);
        _judge("settle");
    }

    function expire(uint256 seed) external {
        (Ticket storage t,) = _pick(seed, _isGoingOn);
        _expire(t);
    }

    function _expire(Ticket storage t) private {
        Job memory j = market.jobOf(t.job);
        _frame();
        bool rescue = j.flags & FLAG_RESCUE != 0;
        uint256 idle = uint256(j.price) / 20;
        if (j.state == State.Submitted) {
            _allow(j.requester, rescue ? 0 : j.price, 0);
            _allow(j.provider, j.price / 10, 0);
        } else if (j.state == State.Locked) {
            if (t.p.inputKind != InputKind.Sealed || j.flags & FLAG_ACKNOWLEDGED != 0) {
                _allow(j.provider, 2 * uint256(j.price), 0);
            } else if (j.flags & FLAG_DELIVERED == 0) {
                _allow(j.requester, rescue ? 0 : idle, 0);
                _allow(j.provider, 0, idle);
            } else {
                _allow(j.requester, idle, 0);
                _allow(j.provider, idle, 0);
            }
        }
        market.expire(t.p);
        _judge("expire");
    }

    // ── Disputes ─────────────────────────────────────────────────────────────────────────────────────────────

    /// What a fault may move.
    function _fault(Job memory j, address accuser) private {
        _allow(j.provider, j.reserve, 0);
        _allow(accuser, 0, 8e6);
    }

    /// Commits in one block and proves in the next; another tries the same proof in between.
    function prove(uint256 seed) external {
        (Ticket storage t, Job memory j) = _pick(seed, _isTraced);
        address by = challengers[(seed >> 128) % 2];
        if (t.quality == Quality.Padding) _provePadding(t, j, by);
        else _proveFraud(t, j, by, (seed >> 136) % n);
    }

    function _proveFraud(Ticket storage t, Job memory j, address by, uint256 element) private {
        bool wrong = t.quality == Quality.Wrong;
        if (wrong) element = WRONG;
        (Grove memory traces,) = _traces(t.quality, t.seed);
        FraudProof memory proof;
        proof.relation = Toy.refer(n, m, 0);
        proof.element = element;
        proof.openings = new Opening[](3);
        uint32[] memory leaves = _one(uint32(element / 32));
        proof.openings[0] = Toy.opening(traces, List.Trace, 0, leaves);
        proof.openings[1] = Toy.opening(Toy.grove(Toy.input(n, t.seed)), List.Input, 0, leaves);
        proof.openings[2] = Toy.opening(Toy.grove(Toy.weights(n)), List.Constant, 0, leaves);
        _commit(t, by, keccak256(abi.encode(proof)));
        _frame();
        if (wrong) _fault(j, by);
        Case memory c = _case(t);
        vm.prank(requesters[0]);
        try disputes.proveFraud(c, proof, "salt") {
            broken = "a copied proof was paid";
        } catch {}
        vm.prank(by);
        try disputes.proveFraud(c, proof, "salt") {
            if (!wrong) broken = "a right answer was slashed";
        } catch {
            if (wrong && _isTraced(t, j)) broken = "a wrong answer could not be shown";
        }
        _judge(wrong ? "prove wrong" : "prove right");
    }

    function _provePadding(Ticket storage t, Job memory j, address by) private {
        (Grove memory traces,) = _traces(t.quality, t.seed);
        PaddingProof memory proof;
        proof.mention = Toy.refer(n, m, 0);
        proof.opening = Toy.opening(traces, List.Trace, 0, _one(uint32((n - 1) / 32)));
        _commit(t, by, keccak256(abi.encode(proof)));
        _frame();
        _fault(j, by);
        vm.prank(by);
        disputes.provePadding(_case(t), proof, "salt");
        _judge("prove padding");
    }

    function _commit(Ticket storage t, address by, bytes32 proof) private {
        bytes32 commitment = keccak256(
            abi.encode(
                block.chainid,
                address(disputes),
                by,
                t.job,
                keccak256(abi.encode(t.s)),
                proof,
                bytes32("salt")
            )
        );
        vm.prank(by);
        disputes.commit(commitment);
        _pass(0, 1);
    }

    function open(uint256 seed) external {
        if (games.length == MAX_GAMES) return;
        (Ticket storage t,) = _pick(seed, _isTraced);
        Case memory c = _case(t);
        _frame();
        vm.recordLogs();
        if (t.large && (seed >> 128) % 2 == 0) {
            vm.prank(t.p.requester);
            disputes.openOutput(c, 0, 0, bytes32(games.length));
        } else {
            vm.prank(challengers[(seed >> 136) % 2]);
            disputes.open(
                c, (seed >> 144) % 4 == 0 ? List.Output : List.Trace, bytes32(games.length)
            );
        }
        _follow();
        Game storage g = games.push();
        g.ticket = hand;
        g.open = true;
        (g.id, g.x) = (id, x);
        _judge("open");
    }

    function challenge(uint256 seed) external {
        Game storage g = _find(seed, false);
        if (!g.open || _providers(x.next)) return;
        _frame();
        Grove memory trees = _trees(tickets[g.ticket], x.list);
        uint256 target = seed >> 128;
        if (x.next == Move.Descend) {
            bytes32[][] memory tree = x.inTensor ? trees.tensors[x.tensor] : trees.list;
            // Onwards below the node that is open.
            target = (uint256(x.position) << x.depthLeft) + target % (1 << x.depthLeft);
            if (target < tree[0].length) _descend(trees, target);
        } else if (x.next == Move.EnterTensor) {
            _enter(x.list == List.Output ? m : x.position == 0 ? 0 : x.position, 0);
        } else {
            _askFirst(_one(uint32(target % ((n + 31) / 32))));
        }
        g.x = x;
        _judge("challenger's move");
    }

    function answer(uint256 seed) external {
        Game storage g = _find(seed, true);
        if (g.open) _answer(g);
    }

    /// Where the provider has the data. A game that an answer ends is over.
    function _answer(Game storage g) private {
        Ticket storage t = tickets[g.ticket];
        if (!_providers(x.next) || !_servable(t, x.list)) return;
        if (x.next == Move.AnswerLeaves && t.quality == Quality.Garbage) return;
        _frame();
        Grove memory trees = _trees(t, x.list);
        if (x.next == Move.AnswerNodes) {
            _answerNodes(trees);
        } else if (x.next == Move.AnswerLeaf) {
            _answerLeaf(trees);
        } else if (x.next == Move.AnswerLeaves) {
            // The last leaf that was asked for is in the event; any other fails.
            Grove memory traces = _trees(t, List.Trace);
            for (uint32 i = 0; i < (n + 31) / 32; i++) {
                uint32[] memory leaves = _one(i);
                (uint8[] memory depths, Opening[] memory openings) = _openings(traces, leaves);
                vm.recordLogs();
                try disputes.answerLeaves(id, x, depths, openings) {
                    _follow();
                    break;
                } catch {}
            }
        } else {
            uint256 earned = uint256(x.unit) * ((x.elements + 31) / 32)
                / disputes.OUTPUT_LEAVES_PAID_PER_UNIT();
            _allow(x.challenger, earned, 0);
            _allow(x.provider, 0, earned);
            bytes memory data = trees.values[0];
            disputes.answerOutput(id, x, data, new bytes32[](0));
            g.open = false;
        }
        g.x = x;
        _judge("answer");
    }

    function _providers(Move move) private pure returns (bool) {
        return move == Move.AnswerNodes || move == Move.AnswerLeaf || move == Move.AnswerLeaves
            || move == Move.AnswerOutput;
    }

    function _servable(Ticket storage t, List list) private view returns (bool) {
        return list == List.Output || t.quality != Quality.Garbage;
    }

    function _trees(Ticket storage t, List list) private view returns (Grove memory) {
        (Grove memory traces, bytes memory y) = _traces(t.quality, t.seed);
        if (list == List.Trace) return traces;
        bytes[] memory outputs = new bytes[](1);
        outputs[0] = y;
        return Toy.grove(outputs);
    }

    /// A game that goes on and waits for that side, or any.
    function _find(uint256 seed, bool providers_) private returns (Game storage) {
        uint256 count = games.length;
        for (uint256 i = 0; i < count; i++) {
            Game storage g = games[(seed % count + i) % count];
            if (g.open && _providers(g.x.next) == providers_) return _load(seed % count + i);
        }
        return _load(seed);
    }

    function _load(uint256 seed) private returns (Game storage g) {
        g = games[seed % games.length];
        _take(g.ticket);
        (id, x) = (g.id, g.x);
        challenger = x.challenger;
    }

    function timeout(uint256 seed) external {
        Game storage g = _find(seed, seed >> 255 == 0);
        if (g.open) _timeout(g);
    }

    function _timeout(Game storage g) private {
        Ticket storage t = tickets[g.ticket];
        _frame();
        if (_providers(x.next)) {
            _fault(market.jobOf(t.job), x.challenger);
        } else {
            _allow(x.challenger, x.bond, 0);
            _allow(x.provider, 0, x.bond - x.bond / 10);
        }
        disputes.timeout(id, x, t.p, t.s);
        g.open = false;
        _judge("timeout");
    }

    function close(uint256 seed) external {
        Game storage g = _find(seed, seed >> 255 == 0);
        if (!g.open) return;
        _frame();
        disputes.close(id, x);
        g.open = false;
        _judge("close");
    }

    // ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────

    function pass(uint256 seed) external {
        _answerAll();
        // Mostly within a turn or a window, at times past a work clock, now and then past everything.
        uint256 kind = (seed >> 200) % 32;
        uint256 most = kind < 16 ? 60 : kind < 26 ? 400 : kind < 31 ? 2000 : 8 days;
        _pass(1 + seed % most, 1 + (seed >> 128) % 12);
    }

    /// Providers that have the data are awake: no turn of theirs is missed.
    function _answerAll() private {
        for (uint256 i = 0; i < games.length; i++) {
            Game storage g = _load(i);
            if (!g.open || market.jobOf(tickets[g.ticket].job).state != State.Submitted) continue;
            if (!_over()) _answer(g);
        }
    }

    function _over() private view returns (bool) {
        return vm.getBlockTimestamp() > x.due && vm.getBlockNumber() > x.dueBlock;
    }

    /// Everything that is still going on is brought to its end by calls that anyone may make, one clock after
    /// the other; then everyone takes out what is his.
    function drain() external {
        for (uint256 round = 0; round < 3; round++) {
            _answerAll();
            _pass(40 days, 10_000);
            for (uint256 i = 0; i < games.length; i++) {
                Game storage g = _load(i);
                if (!g.open) continue;
                if (market.jobOf(tickets[g.ticket].job).state == State.Submitted) {
                    _timeout(g);
                } else {
                    disputes.close(id, x);
                    g.open = false;
                }
            }
            for (uint256 i = 0; i < tickets.length; i++) {
                _end(tickets[i]);
            }
        }
        for (uint256 i = 0; i < tickets.length; i++) {
            require(_final(market.jobOf(tickets[i].job).state), "a job has no end");
        }
        require(market.bonds() == 0, "bonds are left");
        for (uint256 i = 0; i < people.length; i++) {
            address who = people[i];
            IProviderRegistry.Account memory a = providers.account(who);
            require(a.reserved == 0, "stake is left reserved");
            vm.startPrank(who);
            market.withdraw(who, market.balanceOf(who));
            if (a.free != 0) providers.requestLeave(a.free);
            vm.stopPrank();
        }
        market.burn();
        _pass(8 days, 1);
        for (uint256 i = 0; i < workers.length; i++) {
            if (providers.account(workers[i]).leaving == 0) continue;
            vm.prank(workers[i]);
            providers.withdrawStake(workers[i]);
        }
        require(usd.balanceOf(address(market)) == 0, "tokens are left in the market");
        require(usd.balanceOf(address(providers)) == 0, "tokens are left in the registry");
    }

    function _end(Ticket storage t) private {
        Job memory j = market.jobOf(t.job);
        if (_final(j.state)) return;
        bool settled = j.flags & (EVIDENCE_PROOF | FLAG_SETTLED) != EVIDENCE_PROOF;
        if (j.state == State.Submitted && settled) market.finalize(t.job);
        else _expire(t);
    }

    // ── Invariants ───────────────────────────────────────────────────────────────────────────────────────────

    /// Every unit is in exactly one place, and the books are the tokens.
    function checkMoney() external view {
        uint256 balances = market.balanceOf(DEAD);
        uint256 staked = 0;
        uint256 outside = usd.balanceOf(DEAD);
        uint256 reserved = 0;
        for (uint256 i = 0; i < people.length; i++) {
            IProviderRegistry.Account memory a = providers.account(people[i]);
            balances += market.balanceOf(people[i]);
            staked += uint256(a.free) + a.reserved + a.leaving;
            reserved += a.reserved;
            outside += usd.balanceOf(people[i]);
        }
        uint256 bonds = 0;
        for (uint256 i = 0; i < games.length; i++) {
            if (games[i].open) bonds += games[i].x.bond;
        }
        uint256 escrow = 0;
        uint256 held = 0;
        for (uint256 i = 0; i < tickets.length; i++) {
            Job memory j = market.jobOf(tickets[i].job);
            if (j.state == State.None || _final(j.state)) continue;
            escrow += uint256(j.price) + j.verifierFee;
            if (j.state == State.Locked || j.state == State.Submitted) held += j.reserve;
        }
        assertEq(bonds, market.bonds(), "bonds");
        assertEq(reserved, held, "reserved");
        assertEq(balances + bonds + escrow, usd.balanceOf(address(market)), "market");
        assertEq(staked, usd.balanceOf(address(providers)), "registry");
        assertEq(
            outside + usd.balanceOf(address(market)) + usd.balanceOf(address(providers)),
            usd.totalSupply(),
            "supply"
        );
    }

    /// No canonical answer is slashed, no provider that only ever gave such has a mark, and the number of open
    /// challenges is the market's.
    function checkJustice() external view {
        require(bytes(broken).length == 0, broken);
        for (uint256 i = 0; i < tickets.length; i++) {
            Job memory j = market.jobOf(tickets[i].job);
            if (tickets[i].quality == Quality.Canonical) {
                require(j.state != State.Slashed, "a right answer was slashed");
            }
            if (j.state == State.Final) {
                require(tickets[i].quality != Quality.None, "paid without an answer");
            }
            uint256 open_ = 0;
            for (uint256 k = 0; k < games.length; k++) {
                if (games[k].open && games[k].ticket == i) open_++;
            }
            if (j.state == State.Submitted) assertEq(j.disputes, open_, "disputes");
            if (j.state == State.Final || j.state == State.Void) {
                assertEq(open_, 0, "ended under a challenge");
            }
        }
        IProviderRegistry.Account memory a = providers.account(workers[0]);
        require(a.slashed == 0 && a.faulty == 0, "an honest provider has a mark");
    }
}
