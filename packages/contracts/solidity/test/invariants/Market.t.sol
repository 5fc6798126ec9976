// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Handler} from "./Handler.sol";

struct FuzzSelector {
    address addr;
    bytes4[] selectors;
}

/// The whole system, over the real contracts.
contract MarketInvariants {
    Handler private _handler;

    function setUp() public {
        _handler = new Handler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// Acts that keep jobs moving are drawn more often than those that end them.
    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory s = new bytes4[](30);
        s[0] = s[1] = s[2] = Handler.post.selector;
        s[3] = s[4] = s[5] = Handler.lock.selector;
        s[6] = s[7] = s[8] = Handler.submit.selector;
        s[9] = s[10] = Handler.open.selector;
        s[11] = s[12] = Handler.challenge.selector;
        s[13] = Handler.answer.selector;
        s[14] = s[15] = s[16] = Handler.pass.selector;
        s[17] = Handler.prove.selector;
        s[18] = Handler.timeout.selector;
        s[19] = Handler.close.selector;
        s[20] = Handler.finalize.selector;
        s[21] = Handler.settle.selector;
        s[22] = Handler.expire.selector;
        s[23] = Handler.accept.selector;
        s[24] = Handler.deliver.selector;
        s[25] = Handler.acknowledge.selector;
        s[26] = Handler.withdraw.selector;
        s[27] = Handler.unstake.selector;
        s[28] = Handler.takeStake.selector;
        s[29] = Handler.burn.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_handler), s);
    }

    function invariant_moneyAndJustice() public view {
        _handler.checkMoney();
        _handler.checkJustice();
    }

    /// At the end of each run: every job and every challenge has an end that anyone can bring about.
    function afterInvariant() public {
        _handler.drain();
        _handler.checkMoney();
        _handler.checkJustice();
    }
}
