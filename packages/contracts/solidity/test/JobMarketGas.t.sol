// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    EVIDENCE_PROOF,
    EVIDENCE_TRACE,
    JobParams,
    Submission,
    Verdict
} from "../src/interfaces/IJobMarket.sol";
import {Model} from "../src/interfaces/IModelRegistry.sol";
import {MarketBed} from "./MarketBed.sol";
import {vm} from "./Cheats.sol";

interface GasMeter {
    struct Gas {
        uint64 gasLimit;
        uint64 gasTotalUsed;
        uint64 gasMemoryUsed;
        int64 gasRefunded;
        uint64 gasRemaining;
    }

    function lastCallGas() external view returns (Gas memory);
}

/// Gas of whole transactions (--isolate) against the targets. Accounts are as in use: balances and counters not
/// zero, unless the name says "first".
contract JobMarketGasTest is MarketBed {
    event Measured(string what, uint256 gas, uint256 target);

    function _within(string memory what, uint256 target) private {
        uint256 gas = GasMeter(address(vm)).lastCallGas().gasTotalUsed;
        emit Measured(what, gas, target);
        require(gas <= target, what);
        require(gas > 21_000, "not isolated");
    }

    function test_Post() public {
        JobParams memory p = _params(3);
        vm.prank(requester);
        market.post(p, "http://example.org/input/0123456789abcdef0123456789abcdef");
        _within("post from balance", 160_000);
    }

    function test_PostPull() public {
        JobParams memory p = _params(3);
        uint256 balance = market.balanceOf(requester);
        vm.prank(watcher);
        market.deposit(1);
        vm.prank(requester);
        market.withdraw(requester, balance);
        vm.prank(requester);
        market.post(p, "http://example.org/input/0123456789abcdef0123456789abcdef");
        _within("post by pull", 160_000);
    }

    function test_LockSubmitFinalize() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        bytes32 job = _post(p);
        vm.prank(provider);
        market.lock(p);
        _within("lock", 100_000);
        Submission memory s = _submission(p, provider);
        bytes memory output = _output();
        vm.prank(provider);
        market.submit(p, s, output, "http://example.org");
        _within("submit, 172 bytes", 120_000 + 26_000 * output.length / 1024);
        _passWindow();
        market.finalize(job);
        _within("finalize, first payment", 90_000);
        p = _params(EVIDENCE_TRACE);
        (job,) = _submitted(p);
        _passWindow();
        market.finalize(job);
        _within("finalize", 90_000);
    }

    function test_SubmitFourKilobytes() public {
        Model memory m = _model();
        (m.outputs, m.outputSizes) = (1, 1024);
        JobParams memory p = _params(EVIDENCE_TRACE);
        p.modelId = models.register(m, new string[](0));
        _post(p);
        _lock(p, provider);
        bytes memory output = new bytes(4096);
        for (uint256 i = 0; i < 4096; i++) {
            output[i] = bytes1(uint8(1 + i % 255));
        }
        bytes32[] memory level = new bytes32[](32);
        for (uint256 i = 0; i < 32; i++) {
            bytes memory leaf = new bytes(128);
            for (uint256 k = 0; k < 128; k++) {
                leaf[k] = output[128 * i + k];
            }
            level[i] = keccak256(leaf);
        }
        for (uint256 n = 16; n > 0; n /= 2) {
            for (uint256 i = 0; i < n; i++) {
                level[i] = keccak256(abi.encode(level[2 * i], level[2 * i + 1]));
            }
        }
        Submission memory s = _submission(p, provider);
        s.outputRoot = level[0];
        vm.prank(provider);
        market.submit(p, s, output, "http://example.org");
        _within("submit, 4 KiB", 120_000 + 4 * 26_000);
    }

    function test_FinalizeMany() public {
        bytes32[] memory batch = new bytes32[](100);
        vm.prank(provider);
        registry.stake(9_000 * USD);
        for (uint256 i = 0; i < 100; i++) {
            JobParams memory p = _params(EVIDENCE_TRACE);
            (p.reserve, p.nonce) = (50 * USD, bytes32(i + 1000));
            vm.prank(requester);
            batch[i] = market.post(p, "");
            vm.prank(provider);
            market.lock(p);
            Submission memory s = _submission(p, provider);
            vm.prank(provider);
            market.submit(p, s, _output(), "");
        }
        _passWindow();
        market.finalizeMany(batch);
        _within("finalizeMany 100", 100 * 20_000);
    }

    function test_AcceptSettleWithdraw() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        (bytes32 job, Submission memory s) = _submitted(p);
        vm.prank(requester);
        market.accept(job);
        _within("accept, first payment", 100_000);
        p = _params(EVIDENCE_PROOF);
        (job, s) = _submitted(p);
        bytes[] memory signatures = _signatures(s, Verdict.Pass, 3);
        market.settle(p, s, Verdict.Pass, set, K, signatures);
        _within("settle pass, 2 of 3, first fees", 250_000);
        vm.prank(provider);
        market.withdraw(provider, MIN_PRICE);
        _within("withdraw", 300_000);
    }

    function test_Late() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        _post(p);
        _lock(p, provider);
        _pass(WORK + 1, 1);
        market.expire(p);
        _within("expire late, first burn", 200_000);
    }

    function test_SizesFitEip170() public view {
        require(address(market).code.length <= 24_576, "market");
    }
}
