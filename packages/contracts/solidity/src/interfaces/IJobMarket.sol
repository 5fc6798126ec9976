// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

uint8 constant EVIDENCE_TRACE = 1; // bit set; hidden data: PROOF only; public data: either or both
uint8 constant EVIDENCE_PROOF = 2;
enum InputKind {
    Inline,
    Uri,
    Sealed
}
enum State {
    None,
    Open,
    Locked,
    Submitted,
    Rescue,
    Final,
    Slashed,
    Expired,
    Cancelled,
    Void
}

struct JobParams {
    address requester;
    bytes32 modelId;
    uint8 evidence;
    InputKind inputKind;
    bytes32 inputRoot; // list root over the *integer* inputs; with Sealed: H(salted PCS root ‖ its out-of-domain answers)
    uint96 minPrice;
    uint96 maxPrice;
    uint40 rampStart;
    uint32 rampSeconds;
    uint40 lockBy;
    uint32 workSeconds;
    uint32 windowSeconds;
    uint32 windowBlocks;
    uint32 rescueSeconds;
    uint96 reserve; // provider's stake held for this job
    bytes32 verifierSet; // H(abi.encode(address[] sorted, uint8 k)), proof evidence without IReceiptVerifier
    uint96 verifierFee;
    uint32 maxOutputBytes;
    bytes32 outputKey; // requester's per-job HPKE key, 0: public output
    address callback;
    uint32 callbackGas;
    bytes32 nonce;
    uint64 rules;
}

struct Submission {
    bytes32 job;
    address provider;
    bytes32 outputRoot;
    bytes32 traceRoot;
    bytes32 proofDigest;
    bytes32 artefacts;
}

struct Rules {
    // append-only; a job names the version it was posted under
    uint32 minWork;
    uint32 minWindow;
    uint32 minWindowBlocks;
    uint32 graceSeconds;
    uint32 graceBlocks;
    uint32 turnSeconds;
    uint32 turnBlocks;
    uint32 verdictSeconds;
    uint32 deliverSeconds;
    uint96 minReserve; // reserve >= max(minReserve, reservePerPrice · maxPrice)
    uint16 reservePerPrice;
    uint16 latePerPriceBps; // taken from the reserve when late; half burned, half the rescue's pay
    uint96 challengeBond;
    uint96 rewardCap;
    uint16 rewardBps;
    uint16 forfeitBurnBps;
    uint16 idleBps;
    uint16 voidBps;
}
enum Verdict {
    Pass,
    Fail,
    Unavailable
}
enum Fault {
    Late,
    Fraud,
    Withheld,
    ProofFailed,
    ProofUnavailable
}

interface IJobMarket {
    event Posted(
        bytes32 indexed job,
        address indexed requester,
        bytes32 indexed model,
        JobParams params,
        bytes input
    );
    event Locked(
        bytes32 indexed job, address indexed provider, uint96 price, uint40 due, bool rescue
    );
    event Delivered(bytes32 indexed job, bytes32 ciphertext, string uri);
    event InputAcknowledged(bytes32 indexed job, uint40 due);
    event Submitted(
        bytes32 indexed job,
        bytes32 indexed submission,
        Submission content,
        bytes output,
        string uri,
        uint40 windowEnd,
        uint64 windowEndBlock
    );
    event Finalized(bytes32 indexed job, address indexed provider, uint96 price, bool accepted);
    event Faulted(
        bytes32 indexed job,
        address indexed provider,
        Fault fault,
        address accuser,
        uint96 reward,
        uint96 refund,
        uint96 burned
    );
    event RescueOpened(bytes32 indexed job, uint96 pot, uint40 until);
    event Ended(
        bytes32 indexed job, State state, uint96 toRequester, uint96 toProvider, uint96 burned
    ); // Expired, Cancelled, Void
    event CallbackDone(bytes32 indexed job, bool ok);
    event Credited(address indexed account, uint256 amount, bytes32 indexed job);
    event Withdrawn(address indexed account, address to, uint256 amount);
    event RulesAdded(uint64 indexed version, Rules rules);
    error WrongState(bytes32 job, State state);
    error NotYours();
    error TooLate();
    error TooSoon();
    error BadParams(uint8 field);
    error UnknownRules();
    error EvidenceNotOffered();
    error DisputesOpen(uint16 count);
    error OutputMismatch();
    error NotEnoughGas();
    error QuorumNotMet();
    error TransferShort();

    function token() external view returns (address); // one immutable plain ERC-20
    function rules(uint64 version) external view returns (Rules memory);
    function balanceOf(address account) external view returns (uint256);
    function jobId(JobParams calldata p) external view returns (bytes32); // H(abi.encode(chainid, market, p))
    function deposit(uint256 amount) external;
    function withdraw(address to, uint256 amount) external;
    function post(JobParams calldata p, bytes calldata input) external returns (bytes32 job); // input inline, or its URI
    /// Relayed: EIP-712 over JobParams, paid by EIP-3009 receiveWithAuthorization whose nonce is the job id.
    function postFor(
        JobParams calldata p,
        bytes calldata input,
        bytes calldata signature,
        bytes calldata authorization
    ) external returns (bytes32 job);
    function cancel(bytes32 job) external; // Open, requester
    function lock(JobParams calldata p) external; // Open | Rescue, staked provider, who has the input and checked root and range
    function deliver(JobParams calldata p, bytes32 ciphertext, string calldata uri) external; // Sealed, requester
    function acknowledge(JobParams calldata p) external; // Sealed, provider, after checking commitment and range: the work clock starts
    function submit(
        JobParams calldata p,
        Submission calldata s,
        bytes calldata output,
        string calldata uri
    ) external;
    function finalize(bytes32 job) external; // anyone
    function finalizeMany(bytes32[] calldata jobs) external;
    function accept(bytes32 job) external; // requester: settles the PROOF bit; TRACE's window still runs
    function settle(
        JobParams calldata p,
        Submission calldata s,
        Verdict v,
        address[] calldata set,
        uint8 k,
        bytes[] calldata signatures
    ) external;
    function expire(JobParams calldata p) external; // anyone: every missed clock, incl. Void
    function runCallback(JobParams calldata p, Submission calldata s, bytes calldata output)
        external; // anyone, Final only, once
    function state(bytes32 job)
        external
        view
        returns (
            State,
            address provider,
            uint96 price,
            uint40 due,
            uint40 windowEnd,
            uint64 windowEndBlock,
            uint16 disputes,
            bytes32 submission
        );
    function addRules(Rules calldata r) external returns (uint64 version); // timelock; bounds in code; pauseNew only stops post and lock
    function pauseNew(bool paused) external;
    // disputes contract only
    function disputeOpened(bytes32 job) external;
    function disputeClosed(bytes32 job) external;
    function faulted(JobParams calldata p, Submission calldata s, Fault fault, address accuser)
        external;
}
