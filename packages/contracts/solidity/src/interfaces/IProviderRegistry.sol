// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface IProviderRegistry {
    struct Account {
        uint96 free;
        uint96 reserved;
        uint96 leaving;
        uint40 leavingAt;
        uint32 done;
        uint32 late;
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
    function update(bytes32 encryptionKey, bytes32 hardware, string calldata endpoint) external;
    function stake(uint256 amount) external;
    function requestLeave(uint96 amount) external; // from free only
    function withdrawStake(address to) external; // after unbonding
    function account(address provider) external view returns (Account memory);
    // market only. slash pays `amount` to the market, which owns the split
    function reserve(address provider, bytes32 job, uint96 amount) external;
    function release(address provider, bytes32 job, uint96 amount, uint8 outcome) external;
    function slash(address provider, bytes32 job, uint96 reserved, uint96 amount, uint8 reason)
        external;
}

