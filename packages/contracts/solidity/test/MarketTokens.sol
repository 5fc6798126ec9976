// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestDollar} from "../src/TestDollar.sol";
import {IAssayConsumer} from "../src/interfaces/IAssayConsumer.sol";

/// A token that turns hostile when told to.
contract HostileToken is TestDollar {
    mapping(address => bool) public blocked;
    uint256 public feeBps;
    address public hooked;
    bytes public data;
    bool public hookWorked;

    function block_(address who) external {
        blocked[who] = true;
    }

    function charge(uint256 bps) external {
        feeBps = bps;
    }

    /// The next transfer calls `target` before it moves anything.
    function hook(address target, bytes calldata data_) external {
        (hooked, data) = (target, data_);
    }

    function _update(address from, address to, uint256 value) internal override {
        require(!blocked[to] && !blocked[from], "blocked");
        if (hooked != address(0)) {
            address target = hooked;
            hooked = address(0);
            (hookWorked,) = target.call(data);
        }
        uint256 fee = from == address(0) ? 0 : value * feeBps / 10_000;
        super._update(from, to, value - fee);
        if (fee != 0) super._update(from, address(0xFEE), fee);
    }
}

/// Forwards one call, as the account that a hook acts for.
contract Actor {
    function act(address target, bytes calldata data) external returns (bytes memory) {
        (bool ok, bytes memory result) = target.call(data);
        require(ok, "refused");
        return result;
    }
}

/// Consumers of results, good and bad.
contract Consumer is IAssayConsumer {
    bytes32 public job;
    bytes32 public digest;
    uint256 public calls;

    function onResult(
        bytes32 job_,
        bytes32 modelId,
        bytes32 inputRoot,
        bytes32 outputRoot,
        bytes calldata output
    ) external {
        job = job_;
        digest = keccak256(abi.encode(modelId, inputRoot, outputRoot, output));
        calls++;
    }
}

contract Reverting {
    fallback() external {
        assembly {
            revert(0, 1000000)
        }
    }
}

contract Bomb {
    fallback() external {
        assembly {
            return(0, 200000)
        }
    }
}

contract Greedy {
    fallback() external {
        assembly {
            invalid()
        }
    }
}

/// Needs most of its gas, and tells whether it had it.
contract Worker {
    uint256 public finished;

    fallback() external {
        uint256 start = gasleft();
        while (start - gasleft() < 400_000) {}
        finished++;
    }
}
