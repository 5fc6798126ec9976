// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Fault} from "../src/interfaces/IJobMarket.sol";
import {IProviderRegistry} from "../src/interfaces/IProviderRegistry.sol";
import {MarketBed} from "./MarketBed.sol";
import {vm} from "./Cheats.sol";

contract ProviderRegistryTest is MarketBed {
    function _account() private view returns (IProviderRegistry.Account memory) {
        return registry.account(provider);
    }

    function test_Links() public view {
        assertEq(registry.token(), address(usd), "token");
        assertEq(registry.market(), address(market), "market");
        assertEq(registry.unbondingSeconds(), 7 days, "unbonding");
    }

    function test_Update() public {
        vm.expectEmit();
        emit IProviderRegistry.ProviderUpdated(anyone, bytes32("key"), bytes32("gpu"), "http://a");
        vm.prank(anyone);
        registry.update("key", "gpu", "http://a");
        assertEq(registry.encryptionKeyOf(anyone), bytes32("key"), "key");
    }

    function test_Stake() public {
        uint256 tokens = usd.balanceOf(provider);
        vm.prank(provider);
        registry.stake(5 * USD);
        assertEq(_account().free, STAKE + 5 * USD, "free");
        assertEq(tokens - usd.balanceOf(provider), 5 * USD, "pulled");
        vm.startPrank(provider);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.InsufficientStake.selector, 0, 0));
        registry.stake(0);
        // More than 96 bits hold, together with what is there.
        uint256 most = type(uint96).max - STAKE - 5 * USD + 1;
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.InsufficientStake.selector, 0, most)
        );
        registry.stake(most);
        vm.stopPrank();
    }

    function test_Leave() public {
        vm.startPrank(provider);
        vm.expectRevert(IProviderRegistry.NothingLeaving.selector);
        registry.withdrawStake(provider);
        registry.requestLeave(300 * USD);
        assertEq(_account().free, STAKE - 300 * USD, "free");
        assertEq(_account().leaving, 300 * USD, "leaving");
        uint256 time = _now() + 7 days;
        _pass(7 days - 1, 1);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.TooEarly.selector, time));
        registry.withdrawStake(provider);
        _pass(1, 1);
        // To the registry itself it would leave no account.
        vm.expectRevert(IProviderRegistry.TransferShort.selector);
        registry.withdrawStake(address(registry));
        registry.withdrawStake(anyone);
        vm.expectRevert(IProviderRegistry.NothingLeaving.selector);
        registry.withdrawStake(anyone);
        vm.stopPrank();
        assertEq(usd.balanceOf(anyone), 300 * USD, "left");
        _books();
    }

    function test_ASecondRequestRestartsTheClock() public {
        vm.startPrank(provider);
        registry.requestLeave(1 * USD);
        _pass(6 days, 1);
        registry.requestLeave(1 * USD);
        _pass(2 days, 1);
        uint256 time = _now() + 5 days;
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.TooEarly.selector, time));
        registry.withdrawStake(provider);
        _pass(5 days, 1);
        registry.withdrawStake(provider);
        vm.stopPrank();
        assertEq(_account().free, STAKE - 2 * USD, "both");
    }

    function test_OnlyFreeStakeLeaves() public {
        vm.prank(address(market));
        registry.reserve(provider, "job", uint96(STAKE - 10));
        vm.startPrank(provider);
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.InsufficientStake.selector, 10, 11)
        );
        registry.requestLeave(11);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.InsufficientStake.selector, 10, 0));
        registry.requestLeave(0);
        registry.requestLeave(10);
        vm.stopPrank();
    }

    function test_OnlyTheMarketMovesIt() public {
        address[3] memory others = [provider, court, steward];
        for (uint256 i = 0; i < 3; i++) {
            vm.startPrank(others[i]);
            vm.expectRevert(IProviderRegistry.OnlyMarket.selector);
            registry.reserve(provider, "job", 1);
            vm.expectRevert(IProviderRegistry.OnlyMarket.selector);
            registry.release(provider, "job", 0, true);
            vm.expectRevert(IProviderRegistry.OnlyMarket.selector);
            registry.slash(provider, "job", 0, 0, 0);
            vm.stopPrank();
        }
    }

    function test_Slash() public {
        uint256[4] memory counts;
        for (uint8 reason = 0; reason <= uint8(Fault.NoVerdict); reason++) {
            uint256 tokens = usd.balanceOf(address(market));
            vm.startPrank(address(market));
            registry.reserve(provider, "job", 50 * USD);
            registry.slash(provider, "job", 50 * USD, 20 * USD, reason);
            vm.stopPrank();
            assertEq(usd.balanceOf(address(market)) - tokens, 20 * USD, "paid to the market");
            IProviderRegistry.Account memory a = _account();
            assertEq(a.reserved, 0, "reserved");
            assertEq(a.free, STAKE - (uint256(reason) + 1) * 20 * USD, "the rest is free");
            counts = [uint256(a.done), a.late, a.faulty, a.slashed];
        }
        assertEq(counts[0], 0, "done");
        assertEq(counts[1], 1, "late");
        assertEq(counts[2], 2, "faulty: failed, unavailable");
        assertEq(counts[3], 2, "slashed: fraud, withheld");
    }

    function test_NoMoreThanReserved() public {
        vm.startPrank(address(market));
        registry.reserve(provider, "job", 5);
        vm.expectRevert();
        registry.slash(provider, "job", 6, 0, 0);
        vm.expectRevert();
        registry.slash(provider, "job", 5, 6, 0);
        vm.expectRevert();
        registry.release(provider, "job", 6, false);
        vm.expectRevert();
        registry.slash(provider, "job", 5, 5, 7);
        registry.release(provider, "job", 5, true);
        vm.stopPrank();
        assertEq(_account().done, 1, "done");
    }

    function testFuzz_PartsSumToTheTokens(uint96 a, uint96 b, uint96 c, uint96 d) public {
        a = uint96(bound(a, 1, FUNDS));
        b = uint96(bound(b, 1, a));
        vm.startPrank(watcher);
        registry.stake(a);
        registry.requestLeave(b);
        vm.stopPrank();
        c = uint96(bound(c, 0, a - b));
        d = uint96(bound(d, 0, c));
        vm.startPrank(address(market));
        registry.reserve(watcher, "job", c);
        registry.slash(watcher, "job", c, d, 1);
        vm.stopPrank();
        IProviderRegistry.Account memory x = registry.account(watcher);
        assertEq(x.free, a - b - d, "free");
        assertEq(x.leaving, b, "leaving");
        assertEq(x.reserved, 0, "reserved");
        assertEq(usd.balanceOf(address(registry)), 2 * STAKE + a - d, "tokens");
    }
}
