// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Fault} from "./interfaces/IJobMarket.sol";
import {IProviderRegistry} from "./interfaces/IProviderRegistry.sol";

/// @title Providers and their stake: free, reserved, leaving.
/// @dev Documented in IProviderRegistry.
contract ProviderRegistry is IProviderRegistry, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    IERC20 private immutable TOKEN;
    address private immutable MARKET;
    uint40 private immutable UNBONDING;

    mapping(address provider => Account) private _accounts;
    mapping(address provider => bytes32) private _keys;

    modifier onlyMarket() {
        if (msg.sender != MARKET) revert OnlyMarket();
        _;
    }

    /// @param market_ Address that the market will have: it is deployed next, and checks the link.
    constructor(address token_, address market_, uint40 unbondingSeconds_) {
        TOKEN = IERC20(token_);
        MARKET = market_;
        UNBONDING = unbondingSeconds_;
    }

    /// @inheritdoc IProviderRegistry
    function token() external view returns (address) {
        return address(TOKEN);
    }

    /// @inheritdoc IProviderRegistry
    function market() external view returns (address) {
        return MARKET;
    }

    /// @inheritdoc IProviderRegistry
    function unbondingSeconds() external view returns (uint40) {
        return UNBONDING;
    }

    /// @inheritdoc IProviderRegistry
    function account(address provider) external view returns (Account memory) {
        return _accounts[provider];
    }

    /// @inheritdoc IProviderRegistry
    function encryptionKeyOf(address provider) external view returns (bytes32) {
        return _keys[provider];
    }

    /// @inheritdoc IProviderRegistry
    function update(bytes32 encryptionKey, bytes32 hardware, string calldata endpoint) external {
        _keys[msg.sender] = encryptionKey;
        emit ProviderUpdated(msg.sender, encryptionKey, hardware, endpoint);
    }

    /// @inheritdoc IProviderRegistry
    function stake(uint256 amount) external nonReentrant {
        Account storage a = _accounts[msg.sender];
        // All stake of one account fits 96 bits together, so that no later sum of its parts can overflow.
        uint256 total = uint256(a.free) + a.reserved + a.leaving + amount;
        if (amount == 0 || total > type(uint96).max) revert InsufficientStake(0, amount);
        uint256 before = TOKEN.balanceOf(address(this));
        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
        if (TOKEN.balanceOf(address(this)) != before + amount) revert TransferShort();
        // forge-lint: disable-next-line(unsafe-typecast)
        a.free += uint96(amount);
        emit Staked(msg.sender, amount);
    }

    /// @inheritdoc IProviderRegistry
    function requestLeave(uint96 amount) external {
        Account storage a = _accounts[msg.sender];
        if (amount == 0 || a.free < amount) revert InsufficientStake(a.free, amount);
        uint40 time = uint40(block.timestamp) + UNBONDING;
        a.free -= amount;
        a.leaving += amount;
        a.leavingAt = time;
        emit LeaveRequested(msg.sender, amount, time);
    }

    /// @inheritdoc IProviderRegistry
    function withdrawStake(address to) external nonReentrant {
        Account storage a = _accounts[msg.sender];
        uint256 amount = a.leaving;
        if (amount == 0) revert NothingLeaving();
        if (block.timestamp < a.leavingAt) revert TooEarly(a.leavingAt);
        a.leaving = 0;
        _send(to, amount);
        emit Left(msg.sender, to, amount);
    }

    /// @inheritdoc IProviderRegistry
    function reserve(address provider, bytes32 job, uint96 amount) external onlyMarket {
        Account storage a = _accounts[provider];
        (uint96 free, uint96 reserved) = (a.free, a.reserved);
        if (free < amount) revert InsufficientStake(free, amount);
        free -= amount;
        reserved += amount;
        (a.free, a.reserved) = (free, reserved);
        emit Reserved(provider, job, amount);
    }

    /// @inheritdoc IProviderRegistry
    function release(address provider, bytes32 job, uint96 amount, bool done) external onlyMarket {
        Account storage a = _accounts[provider];
        // All that is written is one slot: computed first, it is stored once.
        (uint96 free, uint96 reserved, uint32 count) = (a.free, a.reserved, a.done);
        reserved -= amount;
        free += amount;
        if (done) count += 1;
        (a.free, a.reserved, a.done) = (free, reserved, count);
        emit Released(provider, job, amount);
    }

    /// @inheritdoc IProviderRegistry
    function slash(address provider, bytes32 job, uint96 reserved, uint96 amount, uint8 reason)
        external
        onlyMarket
        nonReentrant
    {
        Account storage a = _accounts[provider];
        a.reserved -= reserved;
        a.free += reserved - amount;
        Fault fault = Fault(reason);
        if (fault == Fault.Late) a.late += 1;
        else if (fault == Fault.Fraud || fault == Fault.Withheld) a.slashed += 1;
        else if (fault == Fault.ProofFailed || fault == Fault.ProofUnavailable) a.faulty += 1;
        if (reserved > amount) emit Released(provider, job, reserved - amount);
        emit Slashed(provider, job, amount, reason);
        if (amount != 0) _send(MARKET, amount);
    }

    function _send(address to, uint256 amount) private {
        uint256 before = TOKEN.balanceOf(address(this));
        TOKEN.safeTransfer(to, amount);
        if (TOKEN.balanceOf(address(this)) != before - amount) revert TransferShort();
    }
}
