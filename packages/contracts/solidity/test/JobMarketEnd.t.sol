// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    EVIDENCE_PROOF,
    EVIDENCE_TRACE,
    FLAG_SETTLED,
    Fault,
    IJobMarket,
    Job,
    JobParams,
    Rules,
    State,
    Submission,
    Verdict
} from "../src/interfaces/IJobMarket.sol";
import {IProviderRegistry} from "../src/interfaces/IProviderRegistry.sol";
import {IVerdicts} from "../src/interfaces/IVerdicts.sol";
import {MarketBed} from "./MarketBed.sol";
import {vm} from "./Cheats.sol";

/// Each row of the table of states that ends a job, with what every party has before and after.
contract JobMarketEndTest is MarketBed {
    uint256 private constant LATE = 2 * uint256(MIN_PRICE);
    uint256 private constant IDLE = uint256(MIN_PRICE) * 5 / 100;
    uint256 private constant VOID = uint256(MIN_PRICE) / 10;

    int256[5] private _before;

    function _note() private {
        _before = _all();
    }

    function _all() private view returns (int256[5] memory all) {
        address[5] memory who = [requester, provider, rescuer, watcher, DEAD];
        for (uint256 i = 0; i < 5; i++) {
            // forge-lint: disable-next-line(unsafe-typecast)
            all[i] = int256(_worth(who[i]));
        }
    }

    /// What each has gained since `_note`.
    function _gained(int256 r, int256 p, int256 s, int256 w, int256 burned) private view {
        int256[5] memory now_ = _all();
        int256[5] memory want = [r, p, s, w, burned];
        string[5] memory names = ["requester", "provider", "rescuer", "watcher", "burned"];
        for (uint256 i = 0; i < 5; i++) {
            if (now_[i] - _before[i] != want[i]) {
                revert(string.concat(names[i], " gained something else"));
            }
        }
        assertEq(registry.account(provider).reserved, 0, "nothing reserved");
        assertEq(registry.account(rescuer).reserved, 0, "nothing reserved");
    }

    function _count(address who)
        private
        view
        returns (uint256 done, uint256 late, uint256 faulty, uint256 slashed)
    {
        IProviderRegistry.Account memory a = registry.account(who);
        return (a.done, a.late, a.faulty, a.slashed);
    }

    // --------------------------------------------------------------- finalize

    function test_FinalizeTrace() public {
        _note();
        JobParams memory p = _params(EVIDENCE_TRACE);
        (bytes32 job,) = _submitted(p);
        _passWindow();
        vm.prank(anyone);
        market.finalize(job);
        _books();
        _is(job, State.Final);
        _gained(-int256(uint256(MIN_PRICE)), int256(uint256(MIN_PRICE)), 0, 0, 0);
        (uint256 done,,,) = _count(provider);
        assertEq(done, 1, "done");
        _wrong(job, State.Final);
        market.finalize(job);
    }

    // Window and grace end when both their seconds and their blocks have passed.
    function test_WindowNeedsSecondsAndBlocks() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        (bytes32 job,) = _submitted(p);
        (uint256 time, uint256 number) = (_now(), _number());
        vm.warp(time + 10 days);
        vm.roll(number + BLOCKS + 10);
        vm.expectRevert(IJobMarket.TooSoon.selector);
        market.finalize(job);
        vm.warp(time + WINDOW + 120);
        vm.roll(number + 1_000_000);
        vm.expectRevert(IJobMarket.TooSoon.selector);
        market.finalize(job);
        vm.warp(time + WINDOW + 121);
        vm.roll(number + BLOCKS + 11);
        market.finalize(job);
        _is(job, State.Final);
    }

    function test_FinalizeWrongStates() public {
        JobParams memory p = _params(3);
        bytes32 job = _post(p);
        _wrong(job, State.Open);
        market.finalize(job);
        _lock(p, provider);
        _wrong(job, State.Locked);
        market.finalize(job);
        _submit(p, provider);
        _passWindow();
        vm.expectRevert(IJobMarket.QuorumNotMet.selector);
        market.finalize(job);
    }

    function test_FinalizeWaitsForDisputes() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        (bytes32 job,) = _submitted(p);
        vm.startPrank(court);
        market.disputeOpened(job);
        market.disputeOpened(job);
        vm.stopPrank();
        _passWindow();
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.DisputesOpen.selector, 2));
        market.finalize(job);
        vm.prank(court);
        market.disputeClosed(job);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.DisputesOpen.selector, 1));
        market.finalize(job);
        vm.prank(court);
        market.disputeClosed(job);
        market.finalize(job);
    }

    function test_FinalizeRescuePaysThePot() public {
        _note();
        JobParams memory p = _params(3);
        bytes32 job = _rescued(p);
        _submit(p, rescuer);
        vm.prank(requester);
        market.accept(job);
        _passWindow();
        market.finalize(job);
        _books();
        _is(job, State.Final);
        // The requester has its price back and its answer; half the late sum is the rescuer's, half burned.
        _gained(0, -int256(LATE), int256(LATE / 2), 0, int256(LATE / 2));
        (, uint256 late,,) = _count(provider);
        assertEq(late, 1, "late");
    }

    function test_FinalizeManySkips() public {
        bytes32[] memory batch = new bytes32[](5);
        for (uint256 i = 0; i < 4; i++) {
            JobParams memory p = _params(i == 2 ? 3 : EVIDENCE_TRACE);
            (batch[i],) = _submitted(p);
        }
        batch[4] = keccak256("no job");
        vm.prank(court);
        market.disputeOpened(batch[1]);
        _passWindow();
        assertEq(market.finalizeMany(batch), 2, "two of five");
        _books();
        _is(batch[0], State.Final);
        _is(batch[1], State.Submitted);
        _is(batch[2], State.Submitted);
        _is(batch[3], State.Final);
        assertEq(market.finalizeMany(batch), 0, "none twice");
    }

    // ----------------------------------------------------------------- accept

    function test_AcceptPaysProofAtOnce() public {
        _note();
        JobParams memory p = _params(EVIDENCE_PROOF);
        (bytes32 job,) = _submitted(p);
        vm.expectRevert(IJobMarket.NotYours.selector);
        vm.prank(provider);
        market.accept(job);
        vm.prank(requester);
        market.accept(job);
        _books();
        _is(job, State.Final);
        assertEq(market.jobOf(job).verifierFee, 0, "fee back");
        _gained(-int256(uint256(MIN_PRICE)), int256(uint256(MIN_PRICE)), 0, 0, 0);
        _wrong(job, State.Final);
        vm.prank(requester);
        market.accept(job);
    }

    function test_AcceptDoesNotShortenTheWindow() public {
        JobParams memory p = _params(3);
        (bytes32 job, Submission memory s) = _submitted(p);
        vm.startPrank(requester);
        market.accept(job);
        vm.expectRevert(IJobMarket.AlreadySettled.selector);
        market.accept(job);
        vm.stopPrank();
        _is(job, State.Submitted);
        assertEq(market.jobOf(job).flags, 3 | FLAG_SETTLED, "settled");
        vm.expectRevert(IJobMarket.TooSoon.selector);
        market.finalize(job);
        // Settled is settled: no later quorum, and no Void.
        bytes[] memory signatures = _signatures(s, Verdict.Fail, 7);
        vm.expectRevert(IJobMarket.AlreadySettled.selector);
        market.settle(p, s, Verdict.Fail, set, K, signatures);
        _pass(30 days, 1_000_000);
        _wrong(job, State.Submitted);
        market.expire(p);
        market.finalize(job);
        _is(job, State.Final);
    }

    function test_AcceptOfATraceReverts() public {
        (bytes32 job,) = _submitted(_params(EVIDENCE_TRACE));
        vm.expectRevert(IJobMarket.EvidenceNotOffered.selector);
        vm.prank(requester);
        market.accept(job);
    }

    function test_AcceptWithADisputeOpenPaysLater() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        (bytes32 job,) = _submitted(p);
        vm.prank(court);
        market.disputeOpened(job);
        vm.prank(requester);
        market.accept(job);
        _is(job, State.Submitted);
        vm.prank(court);
        market.disputeClosed(job);
        market.finalize(job);
        _books();
        _is(job, State.Final);
    }

    // ----------------------------------------------------------------- settle

    function _feeShared() private view {
        // 1 USD by three: the first takes what does not divide.
        assertEq(market.balanceOf(set[0]), FEE - 2 * (FEE / 3), "first");
        assertEq(market.balanceOf(set[1]), FEE / 3, "second");
        assertEq(market.balanceOf(set[2]), FEE / 3, "third");
    }

    function test_SettlePass() public {
        _note();
        JobParams memory p = _params(EVIDENCE_PROOF);
        (bytes32 job, Submission memory s) = _submitted(p);
        _settle(p, s, Verdict.Pass, 5);
        _is(job, State.Final);
        _gained(-int256(uint256(MIN_PRICE + FEE)), int256(uint256(MIN_PRICE)), 0, 0, 0);
        _feeShared();
    }

    function test_SettlePassThenWindow() public {
        JobParams memory p = _params(3);
        (bytes32 job, Submission memory s) = _submitted(p);
        _settle(p, s, Verdict.Pass, 6);
        _is(job, State.Submitted);
        _feeShared();
        assertEq(market.jobOf(job).verifierFee, 0, "fee paid once");
        _passWindow();
        market.finalize(job);
        _books();
    }

    function test_SettleFail() public {
        _note();
        JobParams memory p = _params(EVIDENCE_PROOF);
        (bytes32 job, Submission memory s) = _submitted(p);
        _settle(p, s, Verdict.Fail, 3);
        _is(job, State.Slashed);
        _gained(0, -int256(LATE + FEE), 0, 0, int256(LATE));
        _feeShared();
        (,, uint256 faulty,) = _count(provider);
        assertEq(faulty, 1, "faulty");
    }

    // One says fail, one unavailable: neither has a quorum alone, together they are unavailable.
    function test_SettleUnavailableCountsFail() public {
        _note();
        JobParams memory p = _params(EVIDENCE_PROOF);
        (bytes32 job, Submission memory s) = _submitted(p);
        bytes[] memory signatures = _signatures(s, Verdict.Unavailable, 1);
        signatures[2] = _signatures(s, Verdict.Fail, 4)[2];
        vm.expectRevert(IJobMarket.QuorumNotMet.selector);
        market.settle(p, s, Verdict.Fail, set, K, signatures);
        market.settle(p, s, Verdict.Unavailable, set, K, signatures);
        _books();
        _is(job, State.Slashed);
        _gained(0, -int256(LATE + FEE), 0, 0, int256(LATE));
    }

    function test_SettleFailInARescueBurnsThePot() public {
        _note();
        JobParams memory p = _params(EVIDENCE_PROOF);
        bytes32 job = _rescued(p);
        Submission memory s = _submit(p, rescuer);
        _settle(p, s, Verdict.Fail, 7);
        _is(job, State.Slashed);
        // The pot equals the price here; nothing of it goes to the requester.
        _gained(0, -int256(LATE), -int256(LATE + FEE), 0, int256(2 * LATE));
    }

    function test_SettleSplitSet() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        (bytes32 job, Submission memory s) = _submitted(p);
        bytes[] memory pass = _signatures(s, Verdict.Pass, 1);
        bytes[] memory fail = _signatures(s, Verdict.Fail, 2);
        vm.expectRevert(IJobMarket.QuorumNotMet.selector);
        market.settle(p, s, Verdict.Pass, set, K, pass);
        vm.expectRevert(IJobMarket.QuorumNotMet.selector);
        market.settle(p, s, Verdict.Fail, set, K, fail);
        // A signature counts for its own verdict, its own place and once.
        pass[1] = pass[0];
        vm.expectRevert(IJobMarket.QuorumNotMet.selector);
        market.settle(p, s, Verdict.Pass, set, K, pass);
        pass[1] = fail[1];
        vm.expectRevert(IJobMarket.QuorumNotMet.selector);
        market.settle(p, s, Verdict.Pass, set, K, pass);
        _is(job, State.Submitted);
    }

    // A verifier that signs both ways makes both quorums; the first to arrive stands.
    function test_SettleEquivocatingSet() public {
        JobParams memory p = _params(3);
        (bytes32 job, Submission memory s) = _submitted(p);
        bytes[] memory fail = _signatures(s, Verdict.Fail, 3);
        _settle(p, s, Verdict.Pass, 5);
        vm.expectRevert(IJobMarket.AlreadySettled.selector);
        market.settle(p, s, Verdict.Fail, set, K, fail);
        p = _params(EVIDENCE_PROOF);
        (job, s) = _submitted(p);
        bytes[] memory pass = _signatures(s, Verdict.Pass, 5);
        _settle(p, s, Verdict.Fail, 3);
        _wrong(job, State.Slashed);
        market.settle(p, s, Verdict.Pass, set, K, pass);
    }

    function test_SettleBinds() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        (, Submission memory s) = _submitted(p);
        JobParams memory q = _params(EVIDENCE_PROOF);
        (, Submission memory t) = _submitted(q);
        // Of another job.
        bytes[] memory signatures = _signatures(t, Verdict.Pass, 7);
        vm.expectRevert(IJobMarket.QuorumNotMet.selector);
        market.settle(p, s, Verdict.Pass, set, K, signatures);
        // Another submission than the one that is stored.
        t.job = s.job;
        t.proofDigest = keccak256("another");
        signatures = _signatures(t, Verdict.Pass, 7);
        vm.expectRevert(IJobMarket.OutputMismatch.selector);
        market.settle(p, t, Verdict.Pass, set, K, signatures);
        // Another set, or another k.
        signatures = _signatures(s, Verdict.Pass, 7);
        vm.expectRevert(IJobMarket.QuorumNotMet.selector);
        market.settle(p, s, Verdict.Pass, set, 3, signatures);
        address[] memory other = new address[](1);
        other[0] = set[0];
        vm.expectRevert(IJobMarket.QuorumNotMet.selector);
        market.settle(p, s, Verdict.Pass, other, 1, new bytes[](1));
    }

    function test_SettleWithoutASetReverts() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        (p.verifierSet, p.verifierFee) = (0, 0);
        (, Submission memory s) = _submitted(p);
        bytes[] memory signatures = _signatures(s, Verdict.Pass, 7);
        vm.expectRevert(IJobMarket.QuorumNotMet.selector);
        market.settle(p, s, Verdict.Pass, set, K, signatures);
    }

    function test_SettleWrongState() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        bytes32 job = _post(p);
        _lock(p, provider);
        Submission memory s = _submission(p, provider);
        bytes[] memory signatures = _signatures(s, Verdict.Pass, 7);
        _wrong(job, State.Locked);
        market.settle(p, s, Verdict.Pass, set, K, signatures);
    }

    // ------------------------------------------------------------------- void

    function test_VoidWhenTheSetIsSilent() public {
        _note();
        JobParams memory p = _params(EVIDENCE_PROOF);
        (bytes32 job,) = _submitted(p);
        _pass(7200, 1000);
        vm.expectRevert(IJobMarket.TooSoon.selector);
        market.expire(p);
        _pass(1, 0);
        _expire(p);
        _is(job, State.Void);
        // Neither side gains by a lie: the price burns, and the provider burns a little.
        _gained(-int256(uint256(MIN_PRICE)), -int256(VOID), 0, 0, int256(uint256(MIN_PRICE) + VOID));
        (,, uint256 faulty, uint256 slashed) = _count(provider);
        assertEq(faulty + slashed, 0, "no fault found");
        _wrong(job, State.Void);
        market.expire(p);
    }

    function test_VoidOfARescueBurnsThePot() public {
        _note();
        JobParams memory p = _params(EVIDENCE_PROOF);
        bytes32 job = _rescued(p);
        _submit(p, rescuer);
        _pass(7201, 1000);
        _expire(p);
        _is(job, State.Void);
        _gained(0, -int256(LATE), -int256(VOID), 0, int256(LATE + VOID));
    }

    // A fraud in the trace cannot escape into Void: window, grace and disputes come first.
    function test_VoidWaitsForTheWindow() public {
        JobParams memory p = _params(3);
        (p.windowSeconds, p.windowBlocks) = (5 days, 1000);
        (bytes32 job,) = _submitted(p);
        (uint256 time, uint256 number) = (_now(), _number());
        vm.warp(time + 5 days + 120);
        vm.roll(number + 2000);
        vm.expectRevert(IJobMarket.TooSoon.selector);
        market.expire(p);
        vm.warp(time + 6 days);
        vm.roll(number + 1010);
        vm.expectRevert(IJobMarket.TooSoon.selector);
        market.expire(p);
        vm.roll(number + 1);
        vm.prank(court);
        market.disputeOpened(job);
        vm.roll(number + 2000);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.DisputesOpen.selector, 1));
        market.expire(p);
        vm.prank(court);
        market.disputeClosed(job);
        _expire(p);
        _is(job, State.Void);
    }

    function test_ATraceIsNeverVoid() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        (bytes32 job,) = _submitted(p);
        _pass(30 days, 1_000_000);
        _wrong(job, State.Submitted);
        market.expire(p);
    }

    // ------------------------------------------------------------------- late

    function test_LateOpensARescue() public {
        _note();
        JobParams memory p = _params(EVIDENCE_PROOF);
        bytes32 job = _post(p);
        _lock(p, provider);
        _pass(WORK, 1);
        vm.expectRevert(IJobMarket.TooSoon.selector);
        market.expire(p);
        _pass(1, 0);
        _expire(p);
        _is(job, State.Rescue);
        Job memory j = market.jobOf(job);
        assertEq(j.price, LATE / 2, "pot");
        assertEq(j.clock, _now() + RESCUE, "until");
        _gained(-int256(uint256(FEE)), -int256(LATE), 0, 0, int256(LATE / 2));
        // Unclaimed, the pot burns.
        vm.expectRevert(IJobMarket.TooSoon.selector);
        market.expire(p);
        _pass(RESCUE + 1, 1);
        _expire(p);
        _is(job, State.Expired);
        _gained(0, -int256(LATE), 0, 0, int256(LATE));
    }

    function test_LateWithoutRescue() public {
        _note();
        JobParams memory p = _params(EVIDENCE_PROOF);
        p.rescueSeconds = 0;
        bytes32 job = _post(p);
        _lock(p, provider);
        _pass(WORK + 1, 1);
        _expire(p);
        _is(job, State.Expired);
        _gained(0, -int256(LATE), 0, 0, int256(LATE));
    }

    function test_LateRescueBurnsThePot() public {
        _note();
        JobParams memory p = _params(EVIDENCE_PROOF);
        bytes32 job = _rescued(p);
        _pass(WORK + 1, 1);
        _expire(p);
        _is(job, State.Expired);
        _gained(0, -int256(LATE), -int256(LATE), 0, int256(2 * LATE));
    }

    /// Rules under which a pot exceeds the price it comes from: half of five prices.
    function _steep() private returns (JobParams memory p) {
        Rules memory r = _rules();
        (r.latePerPriceBps, r.activeFrom) = (50_000, uint40(_now() + 2 days));
        vm.prank(steward);
        market.addRules(r);
        _pass(2 days, 1);
        p = _params(EVIDENCE_PROOF);
        (p.rules, p.minPrice, p.reserve) = (1, MAX_PRICE, 5 * MAX_PRICE + FEE);
    }

    // The late sum of a pot may be more than the reserve: then it is the reserve.
    function test_LateSumIsAtMostTheReserve() public {
        JobParams memory p = _steep();
        _note();
        bytes32 job = _rescued(p);
        assertEq(market.jobOf(job).price, 5 * MAX_PRICE / 2, "pot");
        _pass(WORK + 1, 1);
        _expire(p);
        _is(job, State.Expired);
        int256 late = int256(uint256(5 * MAX_PRICE));
        int256 all = late + int256(uint256(FEE));
        _gained(0, -late, -all, 0, late + all);
    }

    function test_FailedProofCostsAtMostTheReserve() public {
        JobParams memory p = _steep();
        _note();
        bytes32 job = _rescued(p);
        Submission memory s = _submit(p, rescuer);
        _settle(p, s, Verdict.Fail, 7);
        _is(job, State.Slashed);
        _feeShared();
        int256 late = int256(uint256(5 * MAX_PRICE));
        _gained(0, -late, -late - int256(uint256(FEE)), 0, 2 * late);
    }

    // ----------------------------------------------------------------- sealed

    function test_NeverDelivered() public {
        _note();
        JobParams memory p = _sealed();
        bytes32 job = _post(p);
        _lock(p, provider);
        _pass(300, 1);
        vm.expectRevert(IJobMarket.TooSoon.selector);
        market.expire(p);
        _pass(1, 1);
        _expire(p);
        _is(job, State.Cancelled);
        _gained(-int256(IDLE), int256(IDLE), 0, 0, 0);
    }

    // Garbage delivered, or a good input denied: nobody can tell, and both lose the same.
    function test_DeliveredAndNotAcknowledged() public {
        _note();
        JobParams memory p = _sealed();
        bytes32 job = _post(p);
        _lock(p, provider);
        vm.prank(requester);
        market.deliver(p, 0, "");
        _pass(301, 1);
        _expire(p);
        _is(job, State.Cancelled);
        _gained(-int256(IDLE), -int256(IDLE), 0, 0, int256(2 * IDLE));
        (uint256 done, uint256 late, uint256 faulty, uint256 slashed) = _count(provider);
        assertEq(done + late + faulty + slashed, 0, "no fault found");
    }

    function _sealedRescue(JobParams memory p) private returns (bytes32 job) {
        job = _post(p);
        _lock(p, provider);
        vm.prank(requester);
        market.deliver(p, 0, "");
        vm.prank(provider);
        market.acknowledge(p);
        _pass(WORK + 1, 1);
        _expire(p);
        _lock(p, rescuer);
    }

    // The price is back already: the rescuer's idle fee comes out of the pot, whose rest burns.
    function test_RescueNeverDelivered() public {
        _note();
        JobParams memory p = _sealed();
        bytes32 job = _sealedRescue(p);
        _pass(301, 1);
        _expire(p);
        _is(job, State.Cancelled);
        _gained(0, -int256(LATE), int256(IDLE), 0, int256(LATE - IDLE));
    }

    // The requester's part comes from its verifierFee, and the rescuer's is no more than that.
    function test_RescueNotAcknowledged() public {
        _note();
        JobParams memory p = _sealed();
        p.verifierFee = uint96(IDLE / 2);
        bytes32 job = _sealedRescue(p);
        vm.prank(requester);
        market.deliver(p, 0, "");
        _pass(301, 1);
        _expire(p);
        _is(job, State.Cancelled);
        _gained(
            -int256(IDLE / 2), -int256(LATE), -int256(IDLE / 2), 0, int256(LATE + 2 * (IDLE / 2))
        );
    }

    function test_LateAfterAcknowledgement() public {
        _note();
        JobParams memory p = _sealed();
        p.rescueSeconds = 0;
        bytes32 job = _post(p);
        _lock(p, provider);
        vm.prank(requester);
        market.deliver(p, 0, "");
        vm.prank(provider);
        market.acknowledge(p);
        _pass(WORK + 1, 1);
        _expire(p);
        _is(job, State.Expired);
        _gained(0, -int256(LATE), 0, 0, int256(LATE));
    }

    // --------------------------------------------------------------- disputes

    function test_Fraud() public {
        _note();
        JobParams memory p = _params(3);
        (bytes32 job, Submission memory s) = _submitted(p);
        vm.prank(court);
        market.faulted(p, s, Fault.Fraud, watcher);
        _books();
        _is(job, State.Slashed);
        // 10 % of the reserve would be 10; the cap is 8.
        int256 reward = int256(uint256(8 * USD));
        int256 reserve = int256(uint256(RESERVE));
        _gained(0, -reserve, 0, reward, reserve - reward);
        (,,, uint256 slashed) = _count(provider);
        assertEq(slashed, 1, "slashed");
        vm.prank(court);
        _wrong(job, State.Slashed);
        market.faulted(p, s, Fault.Fraud, watcher);
    }

    function test_FraudRewardIsATenthBelowTheCap() public {
        _note();
        JobParams memory p = _params(EVIDENCE_TRACE);
        p.reserve = 50 * USD;
        (, Submission memory s) = _submitted(p);
        vm.prank(court);
        market.faulted(p, s, Fault.Withheld, watcher);
        _books();
        _gained(
            0, -int256(uint256(50 * USD)), 0, int256(uint256(5 * USD)), int256(uint256(45 * USD))
        );
    }

    // Reporting oneself loses at least nine tenths.
    function test_SelfReport() public {
        _note();
        JobParams memory p = _params(EVIDENCE_TRACE);
        (, Submission memory s) = _submitted(p);
        vm.prank(court);
        market.faulted(p, s, Fault.Fraud, provider);
        _books();
        int256 lost = int256(uint256(RESERVE - 8 * USD));
        _gained(0, -lost, 0, 0, lost);
    }

    function test_FraudInARescueBurnsThePot() public {
        _note();
        JobParams memory p = _params(EVIDENCE_TRACE);
        bytes32 job = _rescued(p);
        Submission memory s = _submit(p, rescuer);
        vm.prank(court);
        market.faulted(p, s, Fault.Fraud, watcher);
        _books();
        _is(job, State.Slashed);
        int256 reward = int256(uint256(8 * USD));
        int256 reserve = int256(uint256(RESERVE));
        _gained(0, -int256(LATE), -reserve, reward, reserve - reward + int256(LATE));
    }

    function test_FraudAfterPassRefundsThePriceOnly() public {
        _note();
        JobParams memory p = _params(3);
        (, Submission memory s) = _submitted(p);
        _settle(p, s, Verdict.Pass, 7);
        vm.prank(court);
        market.faulted(p, s, Fault.Fraud, watcher);
        _books();
        int256 reward = int256(uint256(8 * USD));
        int256 reserve = int256(uint256(RESERVE));
        _gained(-int256(uint256(FEE)), -reserve, 0, reward, reserve - reward);
    }

    function test_DisputesAreTheCourtsAlone() public {
        JobParams memory p = _params(3);
        (bytes32 job, Submission memory s) = _submitted(p);
        vm.startPrank(anyone);
        bytes4 why = IJobMarket.NotYours.selector;
        vm.expectRevert(why);
        market.disputeOpened(job);
        vm.expectRevert(why);
        market.disputeClosed(job);
        vm.expectRevert(why);
        market.faulted(p, s, Fault.Fraud, watcher);
        vm.expectRevert(why);
        market.takeBond(requester, 1);
        vm.expectRevert(why);
        market.payBond(anyone, 1, job);
        vm.stopPrank();
        vm.startPrank(court);
        vm.expectRevert(why);
        market.faulted(p, s, Fault.Late, watcher);
        s.traceRoot = keccak256("another");
        vm.expectRevert(IJobMarket.OutputMismatch.selector);
        market.faulted(p, s, Fault.Fraud, watcher);
        vm.stopPrank();
    }

    function test_DisputesOpenWithinTheWindow() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        bytes32 job = _post(p);
        vm.startPrank(court);
        _wrong(job, State.Open);
        market.disputeOpened(job);
        vm.stopPrank();
        _lock(p, provider);
        _submit(p, provider);
        (uint256 time, uint256 number) = (_now(), _number());
        vm.startPrank(court);
        // The window lasts until its seconds and its blocks are over.
        vm.warp(time + 10 days);
        vm.roll(number + BLOCKS);
        market.disputeOpened(job);
        vm.warp(time + WINDOW);
        vm.roll(number + 10 * BLOCKS);
        market.disputeOpened(job);
        vm.warp(time + WINDOW + 1);
        vm.roll(number + BLOCKS + 1);
        vm.expectRevert(IJobMarket.TooLate.selector);
        market.disputeOpened(job);
        vm.stopPrank();
    }

    function test_Bonds() public {
        vm.prank(watcher);
        market.deposit(5 * USD);
        vm.startPrank(court);
        vm.expectRevert(
            abi.encodeWithSelector(IJobMarket.InsufficientBalance.selector, 5 * USD, 5 * USD + 1)
        );
        market.takeBond(watcher, 5 * USD + 1);
        market.takeBond(watcher, 3 * USD);
        _books();
        assertEq(market.bonds(), 3 * USD, "bonds");
        // No more is paid than was taken, whoever's fault that were.
        vm.expectRevert();
        market.payBond(watcher, 3 * USD + 1, 0);
        market.payBond(provider, 2 * USD, 0);
        market.payBond(DEAD, 1 * USD, 0);
        vm.stopPrank();
        _books();
        assertEq(market.bonds(), 0, "bonds");
        assertEq(market.balanceOf(provider), 2 * USD, "provider");
        assertEq(market.balanceOf(DEAD), 1 * USD, "burned");
    }

    // Verdict and fraud proof on one job: only the first ends it.
    function test_NoSecondEnd() public {
        JobParams memory p = _params(3);
        (bytes32 job, Submission memory s) = _submitted(p);
        vm.prank(court);
        market.disputeOpened(job);
        _settle(p, s, Verdict.Fail, 7);
        vm.startPrank(court);
        _wrong(job, State.Slashed);
        market.faulted(p, s, Fault.Fraud, watcher);
        // The dispute is closed afterwards all the same.
        market.disputeClosed(job);
        vm.stopPrank();
        vm.prank(requester);
        _wrong(job, State.Slashed);
        market.accept(job);
        _wrong(job, State.Slashed);
        market.expire(p);
        assertEq(market.jobOf(job).disputes, 0, "closed");
    }

    function test_QuorumRules() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        address[] memory two = new address[](2);
        (two[0], two[1]) = (set[1], set[0]);
        _badSet(p, two, 2, 2);
        (two[0], two[1]) = (set[0], set[0]);
        _badSet(p, two, 2, 2);
        (two[0], two[1]) = (set[0], set[1]);
        _badSet(p, two, 1, 2);
        _badSet(p, two, 3, 2);
        _badSet(p, two, 2, 1);
        _badSet(p, new address[](0), 0, 0);
        address[] memory many = new address[](17);
        for (uint160 i = 0; i < 17; i++) {
            many[i] = address(i + 1);
        }
        _badSet(p, many, 17, 17);
    }

    function _badSet(JobParams memory p, address[] memory members, uint8 k, uint256 signatures)
        private
    {
        p.nonce = keccak256(abi.encode(members, k, signatures));
        p.verifierSet = keccak256(abi.encode(members, k));
        (, Submission memory s) = _submitted(p);
        vm.expectRevert(IVerdicts.BadSet.selector);
        market.settle(p, s, Verdict.Pass, members, k, new bytes[](signatures));
    }
}
