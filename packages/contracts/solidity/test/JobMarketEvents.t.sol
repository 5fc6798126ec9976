// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    EVIDENCE_PROOF,
    EVIDENCE_TRACE,
    Fault,
    IJobMarket,
    JobParams,
    Rules,
    State,
    Submission,
    Verdict
} from "../src/interfaces/IJobMarket.sol";
import {IProviderRegistry} from "../src/interfaces/IProviderRegistry.sol";
import {MarketBed} from "./MarketBed.sol";
import {vm} from "./Cheats.sol";

interface EmitFrom {
    function expectEmit(address emitter) external;
}

/// Whoever follows the events alone knows every transition and every credit. `expectEmit` wants them in this order.
contract JobMarketEventsTest is MarketBed {
    uint96 private constant LATE = 2 * MIN_PRICE;
    uint96 private constant IDLE = MIN_PRICE / 20;
    uint96 private constant VOID = MIN_PRICE / 10;

    function _from(address emitter) private {
        EmitFrom(address(vm)).expectEmit(emitter);
    }

    function _expectCredit(address to, uint256 amount, bytes32 job) private {
        _from(address(market));
        emit IJobMarket.Credited(to, amount, job);
    }

    function _expectSlash(bytes32 job, uint96 amount, Fault fault) private {
        _from(address(registry));
        emit IProviderRegistry.Released(provider, job, RESERVE - amount);
        _from(address(registry));
        emit IProviderRegistry.Slashed(provider, job, amount, uint8(fault));
    }

    function test_PostLockSubmitFinalize() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        bytes32 job = market.jobId(p);
        _from(address(market));
        emit IJobMarket.Posted(job, requester, modelId, p, "input");
        _post(p);

        uint40 due = uint40(_now() + WORK);
        _from(address(market));
        emit IJobMarket.Locked(job, provider, MIN_PRICE, due, false);
        _expectCredit(requester, MAX_PRICE - MIN_PRICE, job);
        _from(address(registry));
        emit IProviderRegistry.Reserved(provider, job, RESERVE);
        vm.prank(provider);
        market.lock(p);

        Submission memory s = _submission(p, provider);
        bytes memory output = _output();
        uint40 end = uint40(_now() + WINDOW);
        uint64 endBlock = uint64(_number() + BLOCKS);
        _from(address(market));
        emit IJobMarket.Submitted(
            job, keccak256(abi.encode(s)), s, output, "http://a", end, endBlock
        );
        vm.prank(provider);
        market.submit(p, s, output, "http://a");

        _passWindow();
        _from(address(market));
        emit IJobMarket.Finalized(job, provider, MIN_PRICE, false);
        _expectCredit(provider, MIN_PRICE, job);
        _from(address(registry));
        emit IProviderRegistry.Released(provider, job, RESERVE);
        market.finalize(job);
    }

    function test_AcceptAndPass() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        (bytes32 job, Submission memory s) = _submitted(p);
        _from(address(market));
        emit IJobMarket.ProofSettled(job, true);
        _from(address(market));
        emit IJobMarket.Finalized(job, provider, MIN_PRICE, true);
        _expectCredit(provider, MIN_PRICE, job);
        _expectCredit(requester, FEE, job);
        vm.prank(requester);
        market.accept(job);

        p = _params(EVIDENCE_PROOF);
        (job, s) = _submitted(p);
        bytes[] memory signatures = _signatures(s, Verdict.Pass, 7);
        for (uint256 i = 0; i < 3; i++) {
            _expectCredit(set[i], i == 0 ? FEE - 2 * (FEE / 3) : FEE / 3, job);
        }
        _from(address(market));
        emit IJobMarket.ProofSettled(job, false);
        _from(address(market));
        emit IJobMarket.Finalized(job, provider, MIN_PRICE, false);
        market.settle(p, s, Verdict.Pass, set, K, signatures);
    }

    function test_Faults() public {
        for (uint256 i = 0; i < 2; i++) {
            Verdict v = i == 0 ? Verdict.Fail : Verdict.Unavailable;
            Fault fault = i == 0 ? Fault.ProofFailed : Fault.ProofUnavailable;
            JobParams memory q = _params(EVIDENCE_PROOF);
            (bytes32 job_, Submission memory t) = _submitted(q);
            bytes[] memory signatures = _signatures(t, v, 7);
            _from(address(market));
            emit IJobMarket.Faulted(job_, provider, fault, address(0), 0, MIN_PRICE + FEE, LATE);
            _expectSlash(job_, LATE + FEE, fault);
            market.settle(q, t, v, set, K, signatures);
        }
        JobParams memory p = _params(EVIDENCE_TRACE);
        (bytes32 job, Submission memory s) = _submitted(p);
        _from(address(market));
        emit IJobMarket.Faulted(
            job, provider, Fault.Withheld, watcher, 8 * USD, MIN_PRICE, RESERVE - 8 * USD
        );
        _expectCredit(watcher, 8 * USD, job);
        _expectCredit(requester, MIN_PRICE, job);
        _expectCredit(DEAD, RESERVE - 8 * USD, job);
        _from(address(registry));
        emit IProviderRegistry.Slashed(provider, job, RESERVE, uint8(Fault.Withheld));
        vm.prank(court);
        market.faulted(p, s, Fault.Withheld, watcher);
    }

    function test_LateAndRescue() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        bytes32 job = _post(p);
        _lock(p, provider);
        _pass(WORK + 1, 1);
        uint40 until = uint40(_now() + RESCUE);
        _from(address(market));
        emit IJobMarket.Faulted(
            job, provider, Fault.Late, address(0), 0, MIN_PRICE, LATE - LATE / 2
        );
        _from(address(market));
        emit IJobMarket.RescueOpened(job, LATE / 2, until);
        _expectCredit(requester, MIN_PRICE, job);
        _expectCredit(DEAD, LATE - LATE / 2, job);
        _expectSlash(job, LATE, Fault.Late);
        market.expire(p);
        _pass(RESCUE + 1, 1);
        _from(address(market));
        emit IJobMarket.Ended(job, State.Expired, 0, 0, LATE / 2);
        _expectCredit(DEAD, LATE / 2, job);
        market.expire(p);

        p = _params(EVIDENCE_TRACE);
        p.rescueSeconds = 0;
        job = _post(p);
        _lock(p, provider);
        _pass(WORK + 1, 1);
        _from(address(market));
        emit IJobMarket.Faulted(job, provider, Fault.Late, address(0), 0, MIN_PRICE, LATE);
        _from(address(market));
        emit IJobMarket.Ended(job, State.Expired, MIN_PRICE, 0, LATE);
        market.expire(p);
    }

    function test_Endings() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        bytes32 job = _post(p);
        _from(address(market));
        emit IJobMarket.Ended(job, State.Cancelled, MAX_PRICE + FEE, 0, 0);
        vm.prank(requester);
        market.cancel(job);

        p = _params(EVIDENCE_PROOF);
        (job,) = _submitted(p);
        _pass(7201, 1000);
        _from(address(market));
        emit IJobMarket.Ended(job, State.Void, FEE, 0, MIN_PRICE + VOID);
        _expectCredit(requester, FEE, job);
        _expectCredit(DEAD, MIN_PRICE + VOID, job);
        _expectSlash(job, VOID, Fault.NoVerdict);
        market.expire(p);
    }

    function test_Sealed() public {
        JobParams memory p = _sealed();
        bytes32 job = _post(p);
        _lock(p, provider);
        _from(address(market));
        emit IJobMarket.Delivered(job, "digest", "http://c");
        vm.prank(requester);
        market.deliver(p, "digest", "http://c");
        uint40 due = uint40(_now() + WORK);
        _from(address(market));
        emit IJobMarket.InputAcknowledged(job, due);
        vm.prank(provider);
        market.acknowledge(p);

        p = _sealed();
        job = _post(p);
        _lock(p, provider);
        _pass(301, 1);
        _from(address(market));
        emit IJobMarket.Ended(job, State.Cancelled, MIN_PRICE + FEE - IDLE, IDLE, 0);
        _expectCredit(requester, MIN_PRICE + FEE - IDLE, job);
        _expectCredit(provider, IDLE, job);
        _from(address(registry));
        emit IProviderRegistry.Released(provider, job, RESERVE);
        market.expire(p);

        p = _sealed();
        job = _post(p);
        _lock(p, provider);
        vm.prank(requester);
        market.deliver(p, 0, "");
        _pass(301, 1);
        _from(address(market));
        emit IJobMarket.Ended(job, State.Cancelled, MIN_PRICE + FEE - IDLE, 0, 2 * IDLE);
        _expectSlash(job, IDLE, Fault.Idle);
        market.expire(p);
    }

    function test_BalancesAndSteward() public {
        vm.startPrank(watcher);
        _from(address(market));
        emit IJobMarket.Deposited(watcher, 7);
        market.deposit(7);
        _from(address(market));
        emit IJobMarket.Withdrawn(watcher, anyone, 4);
        market.withdraw(anyone, 4);
        vm.stopPrank();
        vm.startPrank(court);
        market.takeBond(watcher, 3);
        _expectCredit(DEAD, 3, "job");
        market.payBond(DEAD, 3, "job");
        vm.stopPrank();
        _from(address(market));
        emit IJobMarket.Withdrawn(DEAD, DEAD, 3);
        market.burn();
        Rules memory r = _rules();
        r.activeFrom = uint40(_now() + 2 days);
        vm.startPrank(steward);
        _from(address(market));
        emit IJobMarket.RulesAdded(1, r);
        market.addRules(r);
        _from(address(market));
        emit IJobMarket.NewPaused(true);
        market.pauseNew(true);
        vm.stopPrank();
    }

    function test_Stake() public {
        vm.startPrank(watcher);
        _from(address(registry));
        emit IProviderRegistry.Staked(watcher, 9);
        registry.stake(9);
        uint40 time = uint40(_now() + 7 days);
        _from(address(registry));
        emit IProviderRegistry.LeaveRequested(watcher, 5, time);
        registry.requestLeave(5);
        _pass(7 days, 1);
        _from(address(registry));
        emit IProviderRegistry.Left(watcher, anyone, 5);
        registry.withdrawStake(anyone);
        vm.stopPrank();
    }
}
