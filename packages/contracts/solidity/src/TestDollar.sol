// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title A dollar for local chains: ERC-20 with EIP-3009, six decimals, minted by anyone.
/// @notice It has no value and must have none: whoever asks for it gets it.
contract TestDollar is ERC20, ERC3009 {
    constructor() ERC20("Test Dollar", "tUSD") EIP712("Test Dollar", "1") {}

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    /// Named as in EIP-2612 and in the dollars that have EIP-3009.
    // forge-lint: disable-next-line(mixed-case-function)
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
