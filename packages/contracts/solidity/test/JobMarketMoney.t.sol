// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    EVIDENCE_PROOF,
    EVIDENCE_TRACE,
    FLAG_CALLED,
    Fault,
    IJobMarket,
    JobParams,
    State,
    Submission
} from "../src/interfaces/IJobMarket.sol";
import {IProviderRegistry} from "../src/interfaces/IProviderRegistry.sol";
import {MarketBed} from "./MarketBed.sol";
import {Actor, Bomb, Consumer, Greedy, HostileToken, Reverting, Worker} from "./MarketTokens.sol";
import {vm} from "./Cheats.sol";

contract JobMarketMoneyTest is MarketBed {
    HostileToken private _token;

    function setUp() public override {
        vm.warp(START);
        vm.roll(1_000_000);
        _token = new HostileToken();
        _deploy(address(_token));
    }

    // --------------------------------------------------------------- balances

    function test_DepositAndWithdraw() public {
        uint256 worth = _worth(watcher);
        vm.startPrank(watcher);
        market.deposit(7 * USD);
        _books();
        vm.expectRevert(
            abi.encodeWithSelector(IJobMarket.InsufficientBalance.selector, 7 * USD, 7 * USD + 1)
        );
        market.withdraw(watcher, 7 * USD + 1);
        market.withdraw(anyone, 2 * USD);
        market.withdraw(watcher, 5 * USD);
        vm.stopPrank();
        _books();
        assertEq(usd.balanceOf(anyone), 2 * USD, "to another");
        assertEq(_worth(watcher), worth - 2 * USD, "the rest back");
    }

    function test_WithdrawToTheMarketReverts() public {
        vm.expectRevert(IJobMarket.TransferShort.selector);
        vm.prank(requester);
        market.withdraw(address(market), 1);
    }

    // A blacklisted party loses nothing but its own access, and holds up nobody.
    function test_BlacklistedReceiver() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        (bytes32 job,) = _submitted(p);
        _token.block_(provider);
        _token.block_(DEAD);
        _passWindow();
        market.finalize(job);
        _books();
        _is(job, State.Final);
        vm.startPrank(provider);
        vm.expectRevert("blocked");
        market.withdraw(provider, MIN_PRICE);
        market.withdraw(anyone, MIN_PRICE);
        vm.stopPrank();
        assertEq(usd.balanceOf(anyone), MIN_PRICE, "another receiver");
        // Burning goes on as a credit.
        p = _params(EVIDENCE_TRACE);
        Submission memory s;
        (job, s) = _submitted(p);
        vm.prank(court);
        market.faulted(p, s, Fault.Fraud, watcher);
        _books();
        _is(job, State.Slashed);
        assertEq(market.balanceOf(DEAD), RESERVE - 8 * USD, "burned");
        vm.expectRevert("blocked");
        market.burn();
    }

    function test_Burn() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        (, Submission memory s) = _submitted(p);
        vm.prank(court);
        market.faulted(p, s, Fault.Fraud, watcher);
        vm.prank(anyone);
        market.burn();
        _books();
        assertEq(usd.balanceOf(DEAD), RESERVE - 8 * USD, "carried to the dead address");
        assertEq(market.balanceOf(DEAD), 0, "carried out");
        market.burn();
    }

    function test_FeeOnTransferIsRefused() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        (, Submission memory s) = _submitted(p);
        uint256 balance = market.balanceOf(requester);
        _token.charge(100);
        vm.startPrank(requester);
        vm.expectRevert(IJobMarket.TransferShort.selector);
        market.deposit(100);
        JobParams memory q = _params(EVIDENCE_TRACE);
        market.withdraw(requester, balance);
        vm.expectRevert(IJobMarket.TransferShort.selector);
        market.post(q, "");
        vm.stopPrank();
        vm.expectRevert(IProviderRegistry.TransferShort.selector);
        vm.prank(watcher);
        registry.stake(100);
        bytes memory signature = _signed(q);
        bytes memory authorization = _authorization(market.jobId(q), MAX_PRICE);
        vm.expectRevert(IJobMarket.TransferShort.selector);
        market.postFor(q, "", signature, authorization);
        // A slash that would arrive short does not credit what is not there.
        vm.expectRevert(IJobMarket.TransferShort.selector);
        vm.prank(court);
        market.faulted(p, s, Fault.Fraud, watcher);
        _books();
    }

    // During the pull of a deposit, the depositor deposits again: counted twice by a difference, refused here.
    function test_HookDuringDeposit() public {
        Actor actor = new Actor();
        address who = address(actor);
        usd.mint(who, 100 * USD);
        actor.act(address(usd), abi.encodeCall(usd.approve, (address(market), type(uint256).max)));
        people.push(who);
        _token.hook(
            who,
            abi.encodeCall(actor.act, (address(market), abi.encodeCall(market.deposit, (10 * USD))))
        );
        actor.act(address(market), abi.encodeCall(market.deposit, (20 * USD)));
        require(!_token.hookWorked(), "entered twice");
        _books();
        assertEq(market.balanceOf(who), 20 * USD, "once");
    }

    function test_HookDuringWithdraw() public {
        Actor actor = new Actor();
        address who = address(actor);
        usd.mint(who, 100 * USD);
        actor.act(address(usd), abi.encodeCall(usd.approve, (address(market), type(uint256).max)));
        people.push(who);
        actor.act(address(market), abi.encodeCall(market.deposit, (50 * USD)));
        _token.hook(
            who,
            abi.encodeCall(
                actor.act, (address(market), abi.encodeCall(market.withdraw, (who, 50 * USD)))
            )
        );
        actor.act(address(market), abi.encodeCall(market.withdraw, (who, 50 * USD)));
        require(!_token.hookWorked(), "entered twice");
        _books();
        assertEq(usd.balanceOf(who), 100 * USD, "once");
    }

    // While a slash is paid in, the job has its final state already: nothing can end it again.
    function test_HookDuringSlash() public {
        Actor actor = new Actor();
        JobParams memory p = _params(EVIDENCE_PROOF);
        _post(p);
        _lock(p, provider);
        _pass(WORK + 1, 1);
        _token.hook(
            address(actor),
            abi.encodeCall(actor.act, (address(market), abi.encodeCall(market.expire, (p))))
        );
        _expire(p);
        require(!_token.hookWorked(), "entered twice");
        _is(market.jobId(p), State.Rescue);
    }

    // Money of one job is paid once, whatever is called afterwards.
    function test_DoubleClaims() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        (bytes32 job, Submission memory s) = _submitted(p);
        _passWindow();
        bytes32[] memory twice = new bytes32[](2);
        (twice[0], twice[1]) = (job, job);
        assertEq(market.finalizeMany(twice), 1, "once");
        _books();
        assertEq(market.balanceOf(provider), MIN_PRICE, "paid once");
        _wrong(job, State.Final);
        market.finalize(job);
        _wrong(job, State.Final);
        market.expire(p);
        vm.prank(court);
        _wrong(job, State.Final);
        market.faulted(p, s, Fault.Fraud, watcher);
        vm.prank(requester);
        _wrong(job, State.Final);
        market.cancel(job);
    }

    function testFuzz_Balances(uint96 amount, uint96 part) public {
        amount = uint96(bound(amount, 0, FUNDS));
        part = uint96(bound(part, 0, amount));
        vm.startPrank(watcher);
        market.deposit(amount);
        market.withdraw(watcher, part);
        vm.stopPrank();
        assertEq(market.balanceOf(watcher), amount - part, "balance");
        _books();
    }

    // --------------------------------------------------------------- callback

    function _final(address callback, uint32 gas_)
        private
        returns (JobParams memory p, Submission memory s)
    {
        p = _params(EVIDENCE_PROOF);
        (p.callback, p.callbackGas) = (callback, gas_);
        bytes32 job;
        (job, s) = _submitted(p);
        vm.prank(requester);
        market.accept(job);
    }

    function test_Callback() public {
        Consumer consumer = new Consumer();
        (JobParams memory p, Submission memory s) = _final(address(consumer), 200_000);
        bytes memory output = _output();
        vm.expectEmit();
        emit IJobMarket.CallbackDone(s.job, true);
        vm.prank(anyone);
        market.runCallback(p, s, output);
        assertEq(consumer.job(), s.job, "job");
        assertEq(
            consumer.digest(),
            keccak256(abi.encode(p.modelId, p.inputRoot, s.outputRoot, output)),
            "arguments"
        );
        assertEq(market.jobOf(s.job).flags & FLAG_CALLED, FLAG_CALLED, "called");
        _wrong(s.job, State.Final);
        market.runCallback(p, s, output);
        assertEq(consumer.calls(), 1, "once");
    }

    function test_CallbackOnlyWhenFinal() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        p.callback = address(new Consumer());
        (bytes32 job, Submission memory s) = _submitted(p);
        bytes memory output = _output();
        _wrong(job, State.Submitted);
        market.runCallback(p, s, output);
    }

    function test_CallbackChecksItsArguments() public {
        (JobParams memory p, Submission memory s) = _final(address(new Consumer()), 200_000);
        bytes memory output = _output();
        output[3] ^= 0x01;
        bytes4 why = IJobMarket.OutputMismatch.selector;
        vm.expectRevert(why);
        market.runCallback(p, s, output);
        vm.expectRevert(why);
        market.runCallback(p, s, "");
        s.artefacts = 0;
        output[3] ^= 0x01;
        vm.expectRevert(why);
        market.runCallback(p, s, output);
        (p, s) = _final(address(0), 0);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.BadParams.selector, 19));
        market.runCallback(p, s, output);
    }

    function test_CallbackOfASealedOutput() public {
        Consumer consumer = new Consumer();
        JobParams memory p = _sealed();
        (p.callback, p.callbackGas) = (address(consumer), 200_000);
        bytes32 job = _post(p);
        _lock(p, provider);
        vm.prank(requester);
        market.deliver(p, 0, "");
        vm.prank(provider);
        market.acknowledge(p);
        Submission memory s = _submit(p, provider);
        vm.prank(requester);
        market.accept(job);
        vm.expectRevert(IJobMarket.OutputMismatch.selector);
        market.runCallback(p, s, "x");
        market.runCallback(p, s, "");
        assertEq(consumer.calls(), 1, "called");
    }

    function test_CallbackFailuresAreTheConsumersAlone() public {
        address[3] memory bad =
            [address(new Reverting()), address(new Bomb()), address(new Greedy())];
        bool[3] memory ok = [false, true, false];
        for (uint256 i = 0; i < 3; i++) {
            (JobParams memory p, Submission memory s) = _final(bad[i], 100_000);
            bytes memory output = _output();
            vm.expectEmit();
            emit IJobMarket.CallbackDone(s.job, ok[i]);
            // Room for the call and what stands around it, none for the copy of a bomb.
            market.runCallback{gas: 300_000}(p, s, output);
            _books();
        }
    }

    // Whoever calls with too little gas reverts; nobody can make the callback fail for want of it.
    function testFuzz_CallbackIsNeverStarved(uint256 gas_) public {
        Worker worker = new Worker();
        (JobParams memory p, Submission memory s) = _final(address(worker), 430_000);
        bytes memory output = _output();
        gas_ = bound(gas_, 50_000, 700_000);
        bytes memory data = abi.encodeCall(market.runCallback, (p, s, output));
        (bool ok,) = address(market).call{gas: gas_}(data);
        assertEq(worker.finished(), ok ? 1 : 0, "all of its gas, or nothing");
        bool called = market.jobOf(s.job).flags & FLAG_CALLED != 0;
        require(called == ok, "flag");
    }
}
