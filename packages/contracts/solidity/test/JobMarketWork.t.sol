// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    EVIDENCE_PROOF,
    EVIDENCE_TRACE,
    FLAG_ACKNOWLEDGED,
    FLAG_DELIVERED,
    FLAG_RESCUE,
    IJobMarket,
    Job,
    JobParams,
    State,
    Submission
} from "../src/interfaces/IJobMarket.sol";
import {Model} from "../src/interfaces/IModelRegistry.sol";
import {IProviderRegistry} from "../src/interfaces/IProviderRegistry.sol";
import {MarketBed} from "./MarketBed.sol";
import {vm} from "./Cheats.sol";

contract JobMarketWorkTest is MarketBed {
    // ------------------------------------------------------------------- lock

    function test_LockFixesThePrice() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        bytes32 job = _post(p);
        uint256 balance = market.balanceOf(requester);
        _pass(350, 3); // a quarter of the ramp
        _lock(p, provider);
        Job memory j = market.jobOf(job);
        uint96 price = MIN_PRICE + (MAX_PRICE - MIN_PRICE) / 4;
        assertEq(j.price, price, "price");
        assertEq(j.provider, provider, "provider");
        assertEq(j.clock, _now() + WORK, "due");
        assertEq(market.balanceOf(requester) - balance, MAX_PRICE - price, "difference back");
        IProviderRegistry.Account memory a = registry.account(provider);
        assertEq(a.reserved, RESERVE, "reserved");
        assertEq(a.free, STAKE - RESERVE, "free");
        _is(job, State.Locked);
    }

    function testFuzz_Ramp(uint96 lo, uint96 hi, uint40 start, uint32 seconds_, uint256 time)
        public
        view
    {
        JobParams memory p = _params(EVIDENCE_TRACE);
        (p.minPrice, p.maxPrice) = lo < hi ? (lo, hi) : (hi, lo);
        (p.rampStart, p.rampSeconds) = (start, seconds_);
        time = bound(time, 0, uint256(start) + seconds_ + 10);
        uint96 now_ = market.priceAt(p, time);
        require(now_ >= p.minPrice && now_ <= p.maxPrice, "bounds");
        require(market.priceAt(p, time + 1) >= now_, "monotonic");
        if (time <= start) assertEq(now_, p.minPrice, "before");
        else if (time >= uint256(start) + seconds_) assertEq(now_, p.maxPrice, "after");
    }

    function test_LockWithoutStakeReverts() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        _post(p);
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.InsufficientStake.selector, 0, RESERVE)
        );
        vm.prank(anyone);
        market.lock(p);
    }

    // Locking everything costs collateral: ten jobs hold all of the provider's stake.
    function test_LockingEverythingTakesCollateral() public {
        for (uint256 i = 0; i < 10; i++) {
            JobParams memory q = _params(EVIDENCE_TRACE);
            _post(q);
            _lock(q, provider);
        }
        JobParams memory p = _params(EVIDENCE_TRACE);
        _post(p);
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.InsufficientStake.selector, 0, RESERVE)
        );
        vm.prank(provider);
        market.lock(p);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.InsufficientStake.selector, 0, 1));
        vm.prank(provider);
        registry.requestLeave(1);
    }

    function test_LockLateReverts() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        _post(p);
        vm.warp(p.lockBy + 1);
        vm.expectRevert(IJobMarket.TooLate.selector);
        vm.prank(provider);
        market.lock(p);
        vm.warp(p.lockBy);
        _lock(p, provider);
    }

    function test_LockTwiceReverts() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        bytes32 job = _post(p);
        _lock(p, provider);
        _wrong(job, State.Locked);
        vm.prank(rescuer);
        market.lock(p);
    }

    // Other parameters are another job, which was never posted.
    function test_WrongParamsAreNoJob() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        _post(p);
        p.reserve = 1;
        _wrong(market.jobId(p), State.None);
        vm.prank(provider);
        market.lock(p);
        _wrong(market.jobId(p), State.None);
        market.expire(p);
    }

    // ----------------------------------------------------------------- submit

    function test_Submit() public {
        JobParams memory p = _params(3);
        (bytes32 job, Submission memory s) = _submitted(p);
        _is(job, State.Submitted);
        (
            State state,
            address by,
            uint96 price,
            uint40 due,
            uint40 windowEnd,
            uint64 windowEndBlock,
            uint16 open,
            bytes32 submission
        ) = market.state(job);
        assertEq(uint256(state), uint256(State.Submitted), "state");
        assertEq(by, provider, "provider");
        assertEq(price, MIN_PRICE, "price");
        assertEq(due, 0, "due");
        assertEq(windowEnd, _now() + WINDOW, "window");
        assertEq(windowEndBlock, _number() + BLOCKS, "blocks");
        assertEq(open, 0, "disputes");
        assertEq(submission, keccak256(abi.encode(s)), "submission");
    }

    function _refusedSubmission(
        JobParams memory p,
        Submission memory s,
        bytes memory output,
        bytes4 why
    ) private {
        vm.expectRevert(why);
        vm.prank(provider);
        market.submit(p, s, output, "");
    }

    function test_SubmitOnlyByTheLocker() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        _post(p);
        _lock(p, provider);
        Submission memory s = _submission(p, rescuer);
        bytes memory output = _output();
        // A result copied from another's pending transaction.
        vm.expectRevert(IJobMarket.NotYours.selector);
        vm.prank(rescuer);
        market.submit(p, s, output, "");
        _refusedSubmission(p, s, output, IJobMarket.NotYours.selector);
        s = _submission(p, provider);
        s.job = keccak256("another");
        _refusedSubmission(p, s, output, IJobMarket.NotYours.selector);
    }

    function test_SubmitNeedsItsEvidence() public {
        JobParams memory p = _params(3);
        _post(p);
        _lock(p, provider);
        bytes memory output = _output();
        bytes4 why = IJobMarket.EvidenceMissing.selector;
        Submission memory s = _submission(p, provider);
        s.traceRoot = 0;
        _refusedSubmission(p, s, output, why);
        s = _submission(p, provider);
        s.proofDigest = 0;
        _refusedSubmission(p, s, output, why);
        s = _submission(p, provider);
        s.outputRoot = 0;
        _refusedSubmission(p, s, output, why);
        p = _params(EVIDENCE_TRACE);
        _post(p);
        _lock(p, provider);
        s = _submission(p, provider);
        s.proofDigest = keccak256("unasked");
        _refusedSubmission(p, s, output, why);
    }

    function test_SubmitComputesTheRoot() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        _post(p);
        _lock(p, provider);
        bytes4 why = IJobMarket.OutputMismatch.selector;
        Submission memory s = _submission(p, provider);
        bytes memory output = _output();
        output[171] ^= 0x01;
        _refusedSubmission(p, s, output, why);
        _refusedSubmission(p, s, "", why);
        _refusedSubmission(p, s, bytes.concat(_output(), bytes4(0)), why);
        s.outputRoot = keccak256("garbage");
        _refusedSubmission(p, s, _output(), why);
        _submit(p, provider);
    }

    // 1,024 elements are the most that come inline; one more is served apart.
    function test_LargerOutputIsNotInline() public {
        Model memory m = _model();
        (m.outputs, m.outputSizes) = (1, 1025);
        JobParams memory p = _params(EVIDENCE_TRACE);
        p.modelId = models.register(m, new string[](0));
        _post(p);
        _lock(p, provider);
        Submission memory s = _submission(p, provider);
        _refusedSubmission(p, s, new bytes(4100), IJobMarket.OutputMismatch.selector);
        vm.prank(provider);
        market.submit(p, s, "", "");
        _is(s.job, State.Submitted);
    }

    function test_LargestInlineOutput() public {
        Model memory m = _model();
        (m.outputs, m.outputSizes) = (1, 1024);
        JobParams memory p = _params(EVIDENCE_TRACE);
        p.modelId = models.register(m, new string[](0));
        _post(p);
        _lock(p, provider);
        Submission memory s = _submission(p, provider);
        // 32 leaves of zeros: Z_5.
        bytes32 z = keccak256(new bytes(128));
        for (uint256 i = 0; i < 5; i++) {
            z = keccak256(abi.encode(z, z));
        }
        s.outputRoot = z;
        vm.prank(provider);
        market.submit(p, s, new bytes(4096), "");
        _is(s.job, State.Submitted);
    }

    function test_SubmitLateReverts() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        _post(p);
        _lock(p, provider);
        _pass(WORK + 1, 1);
        Submission memory s = _submission(p, provider);
        _refusedSubmission(p, s, _output(), IJobMarket.TooLate.selector);
        vm.warp(_now() - 1);
        _submit(p, provider);
    }

    function test_SubmitTwiceReverts() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        (bytes32 job, Submission memory s) = _submitted(p);
        _wrong(job, State.Submitted);
        vm.prank(provider);
        market.submit(p, s, _output(), "");
    }

    // ----------------------------------------------------------------- sealed

    function test_SealedJob() public {
        JobParams memory p = _sealed();
        bytes32 job = _post(p);
        _lock(p, provider);
        assertEq(market.jobOf(job).clock, _now() + 300, "delivery clock");
        _pass(300, 1);
        vm.prank(requester);
        market.deliver(p, keccak256("ciphertext"), "http://example.org/c");
        assertEq(market.jobOf(job).flags, EVIDENCE_PROOF | FLAG_DELIVERED, "delivered");
        assertEq(market.jobOf(job).clock, _now() + 300, "acknowledgement clock");
        _pass(300, 1);
        vm.prank(provider);
        market.acknowledge(p);
        assertEq(
            market.jobOf(job).flags,
            EVIDENCE_PROOF | FLAG_DELIVERED | FLAG_ACKNOWLEDGED,
            "acknowledged"
        );
        assertEq(market.jobOf(job).clock, _now() + WORK, "work clock");
        _pass(WORK, 1);
        _submit(p, provider);
        vm.prank(requester);
        market.accept(job);
        _books();
        _is(job, State.Final);
    }

    function test_SealedStepsInOrder() public {
        JobParams memory p = _sealed();
        bytes32 job = _post(p);
        vm.prank(requester);
        _wrong(job, State.Open);
        market.deliver(p, 0, "");
        _lock(p, provider);
        Submission memory s = _submission(p, provider);
        vm.startPrank(provider);
        vm.expectRevert(IJobMarket.NotYours.selector);
        market.deliver(p, 0, "");
        _wrong(job, State.Locked);
        market.acknowledge(p);
        _wrong(job, State.Locked);
        market.submit(p, s, "", "");
        vm.stopPrank();
        vm.startPrank(requester);
        market.deliver(p, 0, "");
        _wrong(job, State.Locked);
        market.deliver(p, 0, "");
        vm.expectRevert(IJobMarket.NotYours.selector);
        market.acknowledge(p);
        vm.stopPrank();
        vm.startPrank(provider);
        _wrong(job, State.Locked);
        market.submit(p, s, "", "");
        market.acknowledge(p);
        _wrong(job, State.Locked);
        market.acknowledge(p);
        vm.stopPrank();
        _wrong(job, State.Locked);
        vm.prank(requester);
        market.deliver(p, 0, "");
    }

    function test_SealedStepsInTime() public {
        JobParams memory p = _sealed();
        _post(p);
        _lock(p, provider);
        _pass(301, 1);
        vm.expectRevert(IJobMarket.TooLate.selector);
        vm.prank(requester);
        market.deliver(p, 0, "");
        vm.warp(_now() - 1);
        vm.prank(requester);
        market.deliver(p, 0, "");
        _pass(301, 1);
        vm.expectRevert(IJobMarket.TooLate.selector);
        vm.prank(provider);
        market.acknowledge(p);
    }

    function test_PublicJobsAreNotDelivered() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        bytes32 job = _post(p);
        _lock(p, provider);
        _wrong(job, State.Locked);
        vm.prank(requester);
        market.deliver(p, 0, "");
        _wrong(job, State.Locked);
        vm.prank(provider);
        market.acknowledge(p);
    }

    // Without a key nothing could be delivered, and the requester would pay the idle fee for it.
    function test_SealedLockNeedsAKey() public {
        JobParams memory p = _sealed();
        _post(p);
        vm.startPrank(watcher);
        registry.stake(STAKE);
        vm.expectRevert(IJobMarket.KeyMissing.selector);
        market.lock(p);
        registry.update(keccak256("key"), 0, "");
        market.lock(p);
        vm.stopPrank();
    }

    function test_SealedOutputIsBounded() public {
        JobParams memory p = _sealed();
        p.maxOutputBytes = 9;
        _post(p);
        _lock(p, provider);
        vm.prank(requester);
        market.deliver(p, 0, "");
        vm.prank(provider);
        market.acknowledge(p);
        Submission memory s = _submission(p, provider);
        _refusedSubmission(p, s, new bytes(10), IJobMarket.OutputMismatch.selector);
        vm.prank(provider);
        market.submit(p, s, new bytes(9), "");
    }

    // ----------------------------------------------------------------- rescue

    function test_RescueGoesThroughLock() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        bytes32 job = _post(p);
        _lock(p, provider);
        _pass(WORK + 1, 1);
        _expire(p);
        _is(job, State.Rescue);
        // Not by the one that was late, and not after its end.
        vm.expectRevert(IJobMarket.NotYours.selector);
        vm.prank(provider);
        market.lock(p);
        _pass(RESCUE + 1, 1);
        vm.expectRevert(IJobMarket.TooLate.selector);
        vm.prank(rescuer);
        market.lock(p);
        vm.warp(_now() - 1);
        _lock(p, rescuer);
        Job memory j = market.jobOf(job);
        _is(job, State.Locked);
        assertEq(j.price, MIN_PRICE, "the pot: half of twice the price");
        assertEq(j.flags, EVIDENCE_TRACE | FLAG_RESCUE, "rescue");
        assertEq(j.clock, _now() + WORK, "work clock");
    }

    function test_SealedRescueIsDeliveredAgain() public {
        JobParams memory p = _sealed();
        bytes32 job = _post(p);
        _lock(p, provider);
        vm.prank(requester);
        market.deliver(p, 0, "");
        vm.prank(provider);
        market.acknowledge(p);
        _pass(WORK + 1, 1);
        _expire(p);
        _lock(p, rescuer);
        assertEq(market.jobOf(job).flags, EVIDENCE_PROOF | FLAG_RESCUE, "flags");
        vm.prank(requester);
        market.deliver(p, 0, "");
        vm.prank(rescuer);
        market.acknowledge(p);
        _submit(p, rescuer);
    }
}
