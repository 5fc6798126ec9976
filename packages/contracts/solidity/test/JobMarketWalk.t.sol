// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    EVIDENCE_PROOF,
    EVIDENCE_TRACE,
    Fault,
    Job,
    JobParams,
    State,
    Submission,
    Verdict
} from "../src/interfaces/IJobMarket.sol";
import {IProviderRegistry} from "../src/interfaces/IProviderRegistry.sol";
import {MarketBed} from "./MarketBed.sol";
import {vm} from "./Cheats.sol";

/// Random walks through the table: whatever is called, in whatever order, by whomever, the books are exact after
/// every step, and every job can be brought to an end.
contract JobMarketWalkTest is MarketBed {
    uint256 private constant STEPS = 8;

    JobParams[] private _p;
    uint256 private _seed;

    function _pick(uint256 count) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % count;
    }

    function testFuzz_Walk(uint256 seed) public {
        _seed = seed;
        uint256 total = usd.totalSupply();
        for (uint256 i = 0; i < 2; i++) {
            JobParams memory p = _pick(3) == 0 ? _sealed() : _params(uint8(1 + _pick(3)));
            p.rescueSeconds = _pick(2) == 0 ? 0 : RESCUE;
            p.verifierFee = p.verifierSet == 0 ? 0 : uint96(_pick(FEE + 1));
            p.reserve = uint96(RESERVE - _pick(10));
            vm.prank(requester);
            jobs.push(market.post(p, ""));
            _p.push(p);
        }
        for (uint256 i = 0; i < STEPS; i++) {
            _step();
            _books();
        }
        for (uint256 i = 0; i < 2; i++) {
            _finish(_p[i], jobs[i]);
        }
        _books();
        assertEq(usd.totalSupply(), total, "supply");
        assertEq(registry.account(provider).reserved, 0, "reserved");
        assertEq(registry.account(rescuer).reserved, 0, "reserved");
        // Nobody but the one that acted loses more than a job's stake or its own escrow.
        require(_worth(requester) + 2 * uint256(MAX_PRICE + FEE) >= FUNDS, "requester");
        require(_worth(anyone) == 0, "a stranger gains nothing");
    }

    function _step() private {
        uint256 i = _pick(2);
        JobParams memory p = _p[i];
        bytes32 job = jobs[i];
        Submission memory s = _submission(p, market.jobOf(job).provider);
        address[5] memory callers = [requester, provider, rescuer, anyone, court];
        // Mostly the one whose call it is; sometimes another.
        uint256 action = _action(market.jobOf(job).state);
        address by = _pick(6) == 0 ? callers[_pick(5)] : address(0);
        if (action == 0) {
            _try(by, requester, abi.encodeCall(market.cancel, (job)));
        } else if (action < 3) {
            _try(by, _pick(2) == 0 ? provider : rescuer, abi.encodeCall(market.lock, (p)));
        } else if (action == 3) {
            _try(by, requester, abi.encodeCall(market.deliver, (p, 0, "")));
        } else if (action == 4) {
            _try(by, s.provider, abi.encodeCall(market.acknowledge, (p)));
        } else if (action < 7) {
            bytes memory output = p.outputKey == 0 ? _output() : bytes("");
            _try(by, s.provider, abi.encodeCall(market.submit, (p, s, output, "")));
        } else if (action == 7) {
            _try(by, anyone, abi.encodeCall(market.finalize, (job)));
        } else if (action == 8) {
            _try(by, requester, abi.encodeCall(market.accept, (job)));
        } else if (action == 9) {
            Verdict v = Verdict(_pick(3));
            bytes[] memory signatures = _signatures(s, v, _pick(8));
            _try(by, anyone, abi.encodeCall(market.settle, (p, s, v, set, K, signatures)));
        } else if (action < 12) {
            _pass(_pick(2) == 0 ? WORK + 1 : 2 * WINDOW + 1, BLOCKS + 11);
            _try(by, anyone, abi.encodeCall(market.expire, (p)));
        } else if (action == 12) {
            Fault fault = Fault(_pick(7));
            _try(by, court, abi.encodeCall(market.faulted, (p, s, fault, watcher)));
        } else {
            bool open = market.jobOf(job).disputes == 0;
            _try(
                by,
                court,
                open
                    ? abi.encodeCall(market.disputeOpened, (job))
                    : abi.encodeCall(market.disputeClosed, (job))
            );
        }
    }

    /// Mostly one that the state allows.
    function _action(State state) private returns (uint256) {
        if (_pick(5) == 0 || state > State.Rescue) return _pick(14);
        bytes memory usual = hex"";
        if (state == State.Open) usual = hex"000102010a";
        else if (state == State.Locked) usual = hex"03040304050505060a";
        else if (state == State.Submitted) usual = hex"070809090a0c0d0d";
        else usual = hex"0101020a";
        return uint8(usual[_pick(usual.length)]);
    }

    function _try(address by, address usual, bytes memory data) private {
        vm.prank(by == address(0) ? usual : by);
        (bool ok,) = address(market).call(data);
        ok;
    }

    /// A call that anyone may make at a reachable time ends the job, from whatever state.
    function _finish(JobParams memory p, bytes32 job) private {
        while (market.jobOf(job).disputes != 0) {
            vm.prank(court);
            market.disputeClosed(job);
        }
        _pass(31 days, 12_000_000);
        for (uint256 i = 0; i < 3; i++) {
            State state = _state(job);
            if (state == State.None || state > State.Rescue) return;
            if (state == State.Submitted) {
                Job memory j = market.jobOf(job);
                if (j.flags & EVIDENCE_PROOF == 0 || j.flags & 4 != 0) {
                    market.finalize(job);
                    continue;
                }
            }
            vm.prank(anyone);
            market.expire(p);
            _pass(31 days, 12_000_000);
        }
        require(_state(job) > State.Rescue, "no end");
    }
}
