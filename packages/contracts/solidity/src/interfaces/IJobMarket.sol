// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

uint8 constant EVIDENCE_TRACE = 1; // bit set; hidden data: PROOF only; public data: either or both
uint8 constant EVIDENCE_PROOF = 2;

// Flags of a job; the two lowest bits are its evidence.
uint8 constant FLAG_SETTLED = 4; // the proof bit is settled: accepted, or k of n said pass
uint8 constant FLAG_RESCUE = 8; // `price` is a pot: what the first provider lost by being late
uint8 constant FLAG_DELIVERED = 16; // sealed: the requester has delivered the input
uint8 constant FLAG_ACKNOWLEDGED = 32; // sealed: the provider has it, and its work clock runs
uint8 constant FLAG_CALLED = 64; // the callback has been made

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

/// @dev Amounts in the token's smallest unit, times in unix seconds.
struct JobParams {
    address requester;
    bytes32 modelId;
    uint8 evidence;
    InputKind inputKind;
    /// List root over the *integer* inputs; with Sealed: H(salted PCS root ‖ its out-of-domain answers).
    bytes32 inputRoot;
    /// minPrice until rampStart, then linearly to maxPrice at rampStart + rampSeconds.
    uint96 minPrice;
    uint96 maxPrice;
    uint40 rampStart;
    uint32 rampSeconds;
    uint40 lockBy;
    uint32 workSeconds;
    uint32 windowSeconds;
    uint32 windowBlocks;
    /// 0: no rescue.
    uint32 rescueSeconds;
    /// Provider's stake held for this job.
    uint96 reserve;
    /// H(abi.encode(address[] set, uint8 k)), `set` strictly increasing; 0: acceptance alone settles the proof.
    bytes32 verifierSet;
    uint96 verifierFee;
    uint32 maxOutputBytes;
    /// Requester's per-job HPKE key, 0: public output.
    bytes32 outputKey;
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

/// @dev Append-only; a job names the version it was posted under. Bounds are in `addRules`.
struct Rules {
    uint32 minWork;
    uint32 minWindow;
    uint32 minWindowBlocks;
    uint32 graceSeconds;
    uint32 graceBlocks;
    uint32 turnSeconds;
    uint32 turnBlocks;
    uint32 verdictSeconds;
    uint32 deliverSeconds;
    /// reserve >= max(minReserve, reservePerPrice · maxPrice)
    uint96 minReserve;
    uint16 reservePerPrice;
    /// Late sum per price, taken from the reserve when late; half burned, half the rescue's pay.
    uint16 latePerPriceBps;
    uint96 challengeBond;
    uint96 rewardCap;
    uint16 rewardBps;
    uint16 forfeitBurnBps;
    uint16 idleBps;
    uint16 voidBps;
    /// Posts may name this version from then on: the timelock.
    uint40 activeFrom;
}

/// @dev Four slots. `clock` is, by state: Locked, the end of the running step (delivery, acknowledgement,
/// work); Rescue, its end; Submitted, the end of the window in seconds (grace not included).
struct Job {
    address provider;
    /// Open: maxPrice; Locked, Submitted: what the provider is paid; Rescue: the pot.
    uint96 price;
    address requester;
    uint96 reserve;
    bytes32 submission;
    State state;
    uint8 flags;
    uint16 disputes;
    uint40 clock;
    uint48 clockBlock;
    uint32 rules;
    uint96 verifierFee;
}

enum Verdict {
    Pass,
    Fail,
    Unavailable
}
/// @dev Why stake moved. Idle: sealed input delivered and not acknowledged; NoVerdict: Void.
enum Fault {
    Late,
    Fraud,
    Withheld,
    ProofFailed,
    ProofUnavailable,
    Idle,
    NoVerdict
}

/// @title Jobs, their money, their clocks.
/// @notice A job's id is H(abi.encode(chainid, market, params)); the parameters travel as calldata and are checked
/// by that hash. Every payment is a credit of an internal balance; `withdraw` is apart, so that no receiver can stop
/// another's. What is burned is credited to 0x…dEaD, and anyone may carry the transfer out by `burn`.
/// Money of a rescue: its pay is the late provider's stake, hence never goes to the requester; where an ordinary
/// job refunds the price, a rescue burns its pot.
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
    /// The proof bit is settled by acceptance or by k of n; the job may still wait for its window.
    event ProofSettled(bytes32 indexed job, bool accepted);
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
    /// Expired, Cancelled or Void. Of a job that expired because its provider was late, `Faulted` tells the same sums.
    event Ended(
        bytes32 indexed job, State state, uint96 toRequester, uint96 toProvider, uint96 burned
    );
    event CallbackDone(bytes32 indexed job, bool ok);
    /// Every increase of a balance but deposits. What is escrowed or bonded is not reported as a decrease.
    event Credited(address indexed account, uint256 amount, bytes32 indexed job);
    event Deposited(address indexed account, uint256 amount);
    event Withdrawn(address indexed account, address to, uint256 amount);
    event RulesAdded(uint64 indexed version, Rules rules);
    event NewPaused(bool paused);

    error WrongState(bytes32 job, State state);
    error NotYours();
    error TooLate();
    error TooSoon();
    /// Fields count from 0 in the order of JobParams.
    error BadParams(uint8 field);
    /// Fields count from 0 in the order of Rules.
    error BadRules(uint8 field);
    error UnknownRules();
    error EvidenceNotOffered();
    /// A root or digest that the job's evidence needs is zero, or one that it does not have is not.
    error EvidenceMissing();
    error DisputesOpen(uint16 count);
    error OutputMismatch();
    error NotEnoughGas();
    error QuorumNotMet();
    /// The proof bit is settled already: the first quorum, or the acceptance, stands.
    error AlreadySettled();
    error BadSignature();
    /// Sealed: the provider has no encryption key.
    error KeyMissing();
    error TransferShort();
    error InsufficientBalance(uint256 balance, uint256 wanted);
    error Paused();
    error BrokenLink();

    /// @notice One immutable plain ERC-20. One that takes fees or calls hooks cannot break the books: every
    /// transfer is checked by the difference of balances, exactly.
    function token() external view returns (address);
    /// @notice The other contracts: links fixed for good when the market is deployed.
    function models() external view returns (address);
    function providers() external view returns (address);
    function disputes() external view returns (address);
    function verdicts() external view returns (address);
    function terms() external view returns (address);
    /// @notice May add rules and pause new posts and locks; nothing else.
    function steward() external view returns (address);
    /// @notice Whether new posts and locks are stopped.
    function paused() external view returns (bool);
    /// @notice Versions count from 0.
    function rules(uint64 version) external view returns (Rules memory);
    /// @notice Versions so far: the next one's number.
    function rulesCount() external view returns (uint64);
    /// @notice What an account may withdraw, or pay posts and bonds with. 0x…dEaD: burned, not yet carried out.
    function balanceOf(address account) external view returns (uint256);
    /// @notice Sum of the bonds that the disputes contract holds.
    function bonds() external view returns (uint256);
    /// @notice H(abi.encode(chainid, market, p)).
    function jobId(JobParams calldata p) external view returns (bytes32);
    /// @notice Price of a lock at `time`.
    function priceAt(JobParams calldata p, uint256 time) external pure returns (uint96);
    /// @notice All that is stored of a job.
    function jobOf(bytes32 job) external view returns (Job memory);
    /// @notice windowEnd(Block) are zero before submission, and exclude the grace; due is zero after it.
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

    /// @notice Pulls from the token; exactly `amount` must arrive.
    function deposit(uint256 amount) external;
    /// @notice Of the caller's balance, to anybody.
    function withdraw(address to, uint256 amount) external;
    /// @notice Anyone: transfers what has been burned so far to 0x…dEaD.
    function burn() external;

    /// @notice Escrows maxPrice + verifierFee, from the internal balance first, the rest pulled from the token.
    /// @param input The input inline, or its URI; emitted, not stored.
    function post(JobParams calldata p, bytes calldata input) external returns (bytes32 job);
    /// @notice Relayed. `signature`: EIP-712 over JobParams by the requester (ERC-1271 for contracts).
    /// `authorization`: empty, paid from the internal balance; else abi.encode(uint256 validAfter, uint256
    /// validBefore, uint8 v, bytes32 r, bytes32 s) of EIP-3009 receiveWithAuthorization of maxPrice + verifierFee to
    /// the market, whose nonce is the job id. Only the market can use it, and only for this job.
    function postFor(
        JobParams calldata p,
        bytes calldata input,
        bytes calldata signature,
        bytes calldata authorization
    ) external returns (bytes32 job);
    /// @notice Requester, Open: all back.
    function cancel(bytes32 job) external;
    /// @notice Open until lockBy, or Rescue by another provider: staked, and in possession of the input, its root and range checked.
    function lock(JobParams calldata p) external;
    /// @notice Sealed, requester, once: where the ciphertext for the locker is, and its digest.
    function deliver(JobParams calldata p, bytes32 ciphertext, string calldata uri) external;
    /// @notice Sealed, provider, after checking commitment and range: the work clock starts.
    function acknowledge(JobParams calldata p) external;
    /// @notice The locker, until due. A public output of at most 4,096 bytes (int32, big-endian, row-major, tensors
    /// in order, as the model's record says) is in `output`, and its root is computed here; a larger one is not.
    function submit(
        JobParams calldata p,
        Submission calldata s,
        bytes calldata output,
        string calldata uri
    ) external;
    /// @notice Anyone: window and grace over in seconds and blocks (trace), proof bit settled (proof), no open dispute.
    function finalize(bytes32 job) external;
    /// @notice Skips those that cannot be finalized, so that one dispute does not hold up a batch.
    function finalizeMany(bytes32[] calldata jobs) external returns (uint256 done);
    /// @notice Requester: settles the PROOF bit; TRACE's window still runs. Proof alone: paid at once.
    function accept(bytes32 job) external;
    /// @notice Anyone with k signatures of Verdict(bytes32 job,bytes32 submission,uint8 verdict), EIP-712.
    /// signatures[i] is set[i]'s, or empty. Unavailable counts those of Fail and of Unavailable. verifierFee is
    /// shared equally by the whole set, whoever signed, so that no one gains by leaving another's signature out.
    function settle(
        JobParams calldata p,
        Submission calldata s,
        Verdict v,
        address[] calldata set,
        uint8 k,
        bytes[] calldata signatures
    ) external;
    /// @notice Anyone: every missed clock. Void waits for verdictSeconds after submission *and* for window and grace,
    /// so that a fraud in the trace cannot escape into it.
    function expire(JobParams calldata p) external;
    /// @notice Anyone, Final only, once. A public output is checked against its root; a sealed one is empty.
    function runCallback(JobParams calldata p, Submission calldata s, bytes calldata output)
        external;

    /// @notice Steward. activeFrom is at least RULES_DELAY ahead.
    function addRules(Rules calldata r) external returns (uint64 version);
    /// @notice Steward. Stops post, postFor and lock; whatever is under way goes on.
    function pauseNew(bool paused) external;

    // Disputes contract only.
    /// @notice Submitted, within the window.
    function disputeOpened(bytes32 job) external;
    /// @notice In any state: a job may have ended while a dispute was open.
    function disputeClosed(bytes32 job) external;
    /// @notice Fault is Fraud or Withheld. Reward to the accuser min(rewardBps of the reserve, rewardCap); price back;
    /// all else burned.
    function faulted(JobParams calldata p, Submission calldata s, Fault fault, address accuser)
        external;
    /// @notice Moves `amount` of an internal balance into the bonds.
    function takeBond(address from, uint96 amount) external;
    /// @notice Credits `amount` of the bonds; 0x…dEaD burns it.
    function payBond(address to, uint96 amount, bytes32 job) external;
}
