// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Providers and their stake.
/// @notice Stake is free, reserved for a job, or leaving. Only the market reserves, releases and slashes; only free
/// stake leaves, after `unbondingSeconds`.
interface IProviderRegistry {
    /// @dev Two slots; a lock and a payment touch the first alone.
    struct Account {
        uint96 free;
        uint96 reserved;
        uint32 done;
        uint32 late;
        uint96 leaving;
        uint40 leavingAt;
        uint32 faulty;
        uint32 slashed;
    }

    event ProviderUpdated(
        address indexed provider, bytes32 encryptionKey, bytes32 hardware, string endpoint
    );
    event Staked(address indexed provider, uint256 amount);
    event LeaveRequested(address indexed provider, uint256 amount, uint40 time);
    event Left(address indexed provider, address to, uint256 amount);
    event Reserved(address indexed provider, bytes32 indexed job, uint256 amount);
    event Released(address indexed provider, bytes32 indexed job, uint256 amount);
    event Slashed(address indexed provider, bytes32 indexed job, uint256 amount, uint8 reason);

    error OnlyMarket();
    error InsufficientStake(uint256 free, uint256 wanted);
    error TooEarly(uint40 time);
    error TransferShort();
    error NothingLeaving();

    /// @notice The market's token, and the market: fixed for good when the registry is deployed.
    function token() external view returns (address);
    function market() external view returns (address);
    /// @notice From `requestLeave` to `withdrawStake`.
    function unbondingSeconds() external view returns (uint40);
    function account(address provider) external view returns (Account memory);
    /// @notice X25519 key that inputs are sealed to; 0 before the first `update`.
    function encryptionKeyOf(address provider) external view returns (bytes32);

    /// @notice What clients need to know of a provider; only the key is stored.
    function update(bytes32 encryptionKey, bytes32 hardware, string calldata endpoint) external;
    /// @notice Pulls from the token; exactly `amount` must arrive.
    function stake(uint256 amount) external;
    /// @notice From free only; a second request restarts the clock of the first.
    function requestLeave(uint96 amount) external;
    /// @notice All that is leaving, once its clock is over.
    function withdrawStake(address to) external;

    // Market only.
    /// @notice From free to reserved.
    function reserve(address provider, bytes32 job, uint96 amount) external;
    /// @notice Back to free. `done`: the job was paid.
    function release(address provider, bytes32 job, uint96 amount, bool done) external;
    /// @notice Ends a reservation: `amount` of `reserved` is paid to the market, which owns the split, the rest is
    /// free again. `reason` is a Fault.
    function slash(address provider, bytes32 job, uint96 reserved, uint96 amount, uint8 reason)
        external;
}
