// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC3009} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IAssayConsumer} from "./interfaces/IAssayConsumer.sol";
import {
    EVIDENCE_PROOF,
    EVIDENCE_TRACE,
    FLAG_ACKNOWLEDGED,
    FLAG_CALLED,
    FLAG_DELIVERED,
    FLAG_RESCUE,
    FLAG_SETTLED,
    Fault,
    IJobMarket,
    InputKind,
    Job,
    JobParams,
    Rules,
    State,
    Submission,
    Verdict
} from "./interfaces/IJobMarket.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {IProviderRegistry} from "./interfaces/IProviderRegistry.sol";
import {ITerms} from "./interfaces/ITerms.sol";
import {IVerdicts} from "./interfaces/IVerdicts.sol";
import {Trees} from "./lib/Trees.sol";

/// @title Jobs, their money, their clocks.
/// @dev Documented in IJobMarket. Order of deployment: token, ModelRegistry, Verdicts, Terms; ProviderRegistry with the
/// address that this contract will have; this contract, with the address that the disputes contract will have; the
/// disputes contract, which checks that it is the one named here. A wrong guess reverts before any money can arrive.
/// Each function writes its effects before it touches the token; those that do are guarded against re-entrance.
contract JobMarket is IJobMarket, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    address public constant BURNED = 0x000000000000000000000000000000000000dEaD;
    uint256 public constant RULES_DELAY = 2 days;
    /// Outputs up to this size are in the submission, and the contract computes their root.
    uint256 public constant INLINE_OUTPUT_BYTES = 4096;
    /// What runCallback needs after the call, beside the 1/64 that EIP-150 keeps back.
    uint256 private constant CALLBACK_OVERHEAD = 20_000;
    uint256 private constant BPS = 10_000;
    bytes32 private constant PARAMS_TYPEHASH = keccak256(
        "JobParams(address requester,bytes32 modelId,uint8 evidence,uint8 inputKind,bytes32 inputRoot,uint96 minPrice,uint96 maxPrice,uint40 rampStart,uint32 rampSeconds,uint40 lockBy,uint32 workSeconds,uint32 windowSeconds,uint32 windowBlocks,uint32 rescueSeconds,uint96 reserve,bytes32 verifierSet,uint96 verifierFee,uint32 maxOutputBytes,bytes32 outputKey,address callback,uint32 callbackGas,bytes32 nonce,uint64 rules)"
    );

    IERC20 private immutable TOKEN;
    IModelRegistry private immutable MODELS;
    IProviderRegistry private immutable PROVIDERS;
    IVerdicts private immutable VERDICTS;
    ITerms private immutable TERMS;
    address public immutable disputes;
    address public immutable steward;

    mapping(address account => uint256) public balanceOf;
    mapping(bytes32 job => Job) private _jobs;
    mapping(uint64 version => Rules) private _rules;
    uint256 public bonds;
    uint64 public rulesCount;
    bool public paused;

    modifier onlySteward() {
        if (msg.sender != steward) revert NotYours();
        _;
    }

    modifier onlyDisputes() {
        if (msg.sender != disputes) revert NotYours();
        _;
    }

    /// @param disputes_ Address that the disputes contract will have.
    /// @param first Version 0 of the rules, in force at once.
    constructor(
        address token_,
        address models_,
        address providers_,
        address verdicts_,
        address terms_,
        address disputes_,
        address steward_,
        Rules memory first
    ) {
        IProviderRegistry registry = IProviderRegistry(providers_);
        if (
            registry.market() != address(this) || registry.token() != token_
                || disputes_ == address(0)
        ) revert BrokenLink();
        TOKEN = IERC20(token_);
        MODELS = IModelRegistry(models_);
        PROVIDERS = registry;
        VERDICTS = IVerdicts(verdicts_);
        TERMS = ITerms(terms_);
        disputes = disputes_;
        steward = steward_;
        _addRules(first);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IJobMarket
    function token() external view returns (address) {
        return address(TOKEN);
    }

    /// @inheritdoc IJobMarket
    function models() external view returns (address) {
        return address(MODELS);
    }

    /// @inheritdoc IJobMarket
    function providers() external view returns (address) {
        return address(PROVIDERS);
    }

    /// @inheritdoc IJobMarket
    function verdicts() external view returns (address) {
        return address(VERDICTS);
    }

    /// @inheritdoc IJobMarket
    function terms() external view returns (address) {
        return address(TERMS);
    }

    /// @inheritdoc IJobMarket
    function rules(uint64 version) external view returns (Rules memory) {
        if (version >= rulesCount) revert UnknownRules();
        return _rules[version];
    }

    /// @inheritdoc IJobMarket
    function jobId(JobParams calldata p) public view returns (bytes32) {
        return _hashParams(p, bytes32(block.chainid), bytes32(uint256(uint160(address(this)))));
    }

    /// @inheritdoc IJobMarket
    function priceAt(JobParams calldata p, uint256 time) public pure returns (uint96) {
        if (time <= p.rampStart) return p.minPrice;
        uint256 passed = time - p.rampStart;
        if (passed >= p.rampSeconds) return p.maxPrice;
        // At most maxPrice.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint96(p.minPrice + (uint256(p.maxPrice) - p.minPrice) * passed / p.rampSeconds);
    }

    /// @inheritdoc IJobMarket
    function jobOf(bytes32 job) external view returns (Job memory) {
        return _jobs[job];
    }

    /// @inheritdoc IJobMarket
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
            uint16 disputesOpen,
            bytes32 submission
        )
    {
        Job storage j = _jobs[job];
        bool submitted = j.submission != 0;
        return (
            j.state,
            j.provider,
            j.price,
            submitted ? 0 : j.clock,
            submitted ? j.clock : 0,
            j.clockBlock,
            j.disputes,
            j.submission
        );
    }

    // --------------------------------------------------------------- balances

    /// @inheritdoc IJobMarket
    function deposit(uint256 amount) external nonReentrant {
        _pull(msg.sender, amount);
        balanceOf[msg.sender] += amount;
        emit Deposited(msg.sender, amount);
    }

    /// @inheritdoc IJobMarket
    function withdraw(address to, uint256 amount) external nonReentrant {
        _debit(msg.sender, amount);
        emit Withdrawn(msg.sender, to, amount);
        _push(to, amount);
    }

    /// @inheritdoc IJobMarket
    function burn() external nonReentrant {
        uint256 amount = balanceOf[BURNED];
        balanceOf[BURNED] = 0;
        emit Withdrawn(BURNED, BURNED, amount);
        _push(BURNED, amount);
    }

    // ------------------------------------------------------------------- post

    /// @inheritdoc IJobMarket
    function post(JobParams calldata p, bytes calldata input)
        external
        nonReentrant
        returns (bytes32 job)
    {
        if (msg.sender != p.requester) revert NotYours();
        job = _post(p, input);
        uint256 amount = uint256(p.maxPrice) + p.verifierFee;
        uint256 balance = balanceOf[msg.sender];
        if (balance >= amount) {
            balanceOf[msg.sender] = balance - amount;
        } else {
            if (balance != 0) balanceOf[msg.sender] = 0;
            _pull(msg.sender, amount - balance);
        }
    }

    /// @inheritdoc IJobMarket
    function postFor(
        JobParams calldata p,
        bytes calldata input,
        bytes calldata signature,
        bytes calldata authorization
    ) external nonReentrant returns (bytes32 job) {
        job = _post(p, input);
        if (!VERDICTS.signed(
                address(this), p.requester, _hashParams(p, 0, PARAMS_TYPEHASH), signature
            )) {
            revert BadSignature();
        }
        uint256 amount = uint256(p.maxPrice) + p.verifierFee;
        if (authorization.length == 0) {
            _debit(p.requester, amount);
            return job;
        }
        (uint256 validAfter, uint256 validBefore, uint8 v, bytes32 r, bytes32 s) =
            abi.decode(authorization, (uint256, uint256, uint8, bytes32, bytes32));
        uint256 before = TOKEN.balanceOf(address(this));
        IERC3009(address(TOKEN))
            .receiveWithAuthorization(
                p.requester, address(this), amount, validAfter, validBefore, job, v, r, s
            );
        if (TOKEN.balanceOf(address(this)) != before + amount) revert TransferShort();
    }

    /// @inheritdoc IJobMarket
    function cancel(bytes32 job) external {
        Job storage j = _jobs[job];
        if (j.state != State.Open) revert WrongState(job, j.state);
        if (msg.sender != j.requester) revert NotYours();
        j.state = State.Cancelled;
        _ended(job, j, j.price + uint256(j.verifierFee), 0, 0);
    }

    // ------------------------------------------------------------------- work

    /// @inheritdoc IJobMarket
    function lock(JobParams calldata p) external {
        if (paused) revert Paused();
        bytes32 job = jobId(p);
        Job storage j = _jobs[job];
        bool rescue = j.state == State.Rescue;
        uint96 price = j.price;
        if (rescue) {
            if (block.timestamp > j.clock) revert TooLate();
            if (msg.sender == j.provider) revert NotYours();
        } else {
            if (j.state != State.Open) revert WrongState(job, j.state);
            if (block.timestamp > p.lockBy) revert TooLate();
            price = priceAt(p, block.timestamp);
        }
        uint96 back = j.price - price;
        uint40 due = uint40(block.timestamp) + p.workSeconds;
        if (p.inputKind == InputKind.Sealed) {
            // Without a key nothing could be delivered, and the requester would pay for that.
            if (PROVIDERS.encryptionKeyOf(msg.sender) == 0) revert KeyMissing();
            due = uint40(block.timestamp) + _rules[p.rules].deliverSeconds;
        }
        j.state = State.Locked;
        if (rescue) j.flags |= FLAG_RESCUE;
        j.clock = due;
        j.provider = msg.sender;
        j.price = price;
        emit Locked(job, msg.sender, price, due, rescue);
        _credit(j.requester, back, job);
        PROVIDERS.reserve(msg.sender, job, p.reserve);
    }

    /// @inheritdoc IJobMarket
    function deliver(JobParams calldata p, bytes32 ciphertext, string calldata uri) external {
        (bytes32 job, Job storage j) = _locked(p);
        if (msg.sender != p.requester) revert NotYours();
        if (p.inputKind != InputKind.Sealed || j.flags & FLAG_DELIVERED != 0) {
            revert WrongState(job, State.Locked);
        }
        j.flags |= FLAG_DELIVERED;
        j.clock = uint40(block.timestamp) + _rules[p.rules].deliverSeconds;
        emit Delivered(job, ciphertext, uri);
    }

    /// @inheritdoc IJobMarket
    function acknowledge(JobParams calldata p) external {
        (bytes32 job, Job storage j) = _locked(p);
        if (msg.sender != j.provider) revert NotYours();
        if (j.flags & (FLAG_DELIVERED | FLAG_ACKNOWLEDGED) != FLAG_DELIVERED) {
            revert WrongState(job, State.Locked);
        }
        j.flags |= FLAG_ACKNOWLEDGED;
        uint40 due = uint40(block.timestamp) + p.workSeconds;
        j.clock = due;
        emit InputAcknowledged(job, due);
    }

    /// @inheritdoc IJobMarket
    function submit(
        JobParams calldata p,
        Submission calldata s,
        bytes calldata output,
        string calldata uri
    ) external {
        (bytes32 job, Job storage j) = _locked(p);
        if (msg.sender != j.provider || s.provider != msg.sender || s.job != job) {
            revert NotYours();
        }
        if (p.inputKind == InputKind.Sealed && j.flags & FLAG_ACKNOWLEDGED == 0) {
            revert WrongState(job, State.Locked);
        }
        if (
            (s.traceRoot != 0) != (p.evidence & EVIDENCE_TRACE != 0)
                || (s.proofDigest != 0) != (p.evidence & EVIDENCE_PROOF != 0) || s.outputRoot == 0
        ) revert EvidenceMissing();
        if (p.outputKey == 0) {
            (uint32 tensors, uint256 sizes) = MODELS.outputsOf(p.modelId);
            if (4 * _sum(sizes) <= INLINE_OUTPUT_BYTES
                    ? _outputRoot(tensors, sizes, output) != s.outputRoot
                    : output.length != 0) revert OutputMismatch();
        } else if (output.length > p.maxOutputBytes) {
            revert OutputMismatch();
        }
        bytes32 submission = _hashSubmission(s);
        uint40 windowEnd = uint40(block.timestamp) + p.windowSeconds;
        // forge-lint: disable-next-line(unsafe-typecast)
        uint48 windowEndBlock = uint48(block.number) + p.windowBlocks;
        j.state = State.Submitted;
        j.clock = windowEnd;
        j.clockBlock = windowEndBlock;
        j.submission = submission;
        emit Submitted(job, submission, s, output, uri, windowEnd, windowEndBlock);
    }

    // -------------------------------------------------------------------- end

    /// @inheritdoc IJobMarket
    function finalize(bytes32 job) external {
        Job storage j = _jobs[job];
        if (_finalizable(j)) return _finalize(job, j, false);
        if (j.state != State.Submitted) revert WrongState(job, j.state);
        if (j.disputes != 0) revert DisputesOpen(j.disputes);
        if (j.flags & (EVIDENCE_PROOF | FLAG_SETTLED) == EVIDENCE_PROOF) revert QuorumNotMet();
        revert TooSoon();
    }

    /// @inheritdoc IJobMarket
    function finalizeMany(bytes32[] calldata jobs) external returns (uint256 done) {
        for (uint256 i = 0; i < jobs.length; i++) {
            Job storage j = _jobs[jobs[i]];
            if (!_finalizable(j)) continue;
            _finalize(jobs[i], j, false);
            done++;
        }
    }

    /// @inheritdoc IJobMarket
    function accept(bytes32 job) external {
        Job storage j = _jobs[job];
        if (j.state != State.Submitted) revert WrongState(job, j.state);
        if (msg.sender != j.requester) revert NotYours();
        _settlePass(job, j, true);
    }

    /// @inheritdoc IJobMarket
    function settle(
        JobParams calldata p,
        Submission calldata s,
        Verdict v,
        address[] calldata set,
        uint8 k,
        bytes[] calldata signatures
    ) external nonReentrant {
        (bytes32 job, Job storage j, bytes32 submission) = _submitted(p, s);
        if (j.flags & FLAG_SETTLED != 0) revert AlreadySettled();
        if (
            p.verifierSet == 0 || keccak256(abi.encode(set, k)) != p.verifierSet
                || !VERDICTS.quorum(address(this), job, submission, v, set, k, signatures)
        ) revert QuorumNotMet();
        uint96 fee = j.verifierFee;
        j.verifierFee = 0;
        if (v == Verdict.Pass) {
            _share(set, fee, job);
            _settlePass(job, j, false);
            return;
        }
        (uint96 price, bool rescue) = (j.price, j.flags & FLAG_RESCUE != 0);
        uint256 late = _part(price, _rules[p.rules].latePerPriceBps);
        uint256 cut = _min(late + fee, p.reserve);
        uint256 refund = uint256(fee) + (rescue ? 0 : price);
        uint256 burned = cut - fee + (rescue ? price : 0);
        Fault fault = v == Verdict.Fail ? Fault.ProofFailed : Fault.ProofUnavailable;
        j.state = State.Slashed;
        _faulted(job, j, fault, address(0), 0, refund, burned);
        _share(set, fee, job);
        _credit(j.requester, refund, job);
        _burn(burned, job);
        _slash(j.provider, job, p.reserve, cut, fault);
    }

    /// @inheritdoc IJobMarket
    function expire(JobParams calldata p) external nonReentrant {
        bytes32 job = jobId(p);
        Job storage j = _jobs[job];
        State was = j.state;
        if (was == State.Open) {
            if (block.timestamp <= p.lockBy) revert TooSoon();
            j.state = State.Expired;
            _ended(job, j, uint256(j.price) + j.verifierFee, 0, 0);
        } else if (was == State.Submitted) {
            _void(p, job, j);
        } else if (was == State.Locked || was == State.Rescue) {
            if (block.timestamp <= j.clock) revert TooSoon();
            if (was == State.Rescue) {
                j.state = State.Expired;
                _ended(job, j, j.verifierFee, 0, j.price);
            } else if (p.inputKind == InputKind.Sealed && j.flags & FLAG_ACKNOWLEDGED == 0) {
                _idle(p, job, j);
            } else {
                _late(p, job, j);
            }
        } else {
            revert WrongState(job, was);
        }
    }

    /// @inheritdoc IJobMarket
    function runCallback(JobParams calldata p, Submission calldata s, bytes calldata output)
        external
    {
        bytes32 job = jobId(p);
        Job storage j = _jobs[job];
        if (j.state != State.Final || j.flags & FLAG_CALLED != 0) revert WrongState(job, j.state);
        if (_hashSubmission(s) != j.submission) revert OutputMismatch();
        if (p.callback == address(0)) revert BadParams(19);
        if (p.outputKey == 0) {
            (uint32 tensors, uint256 sizes) = MODELS.outputsOf(p.modelId);
            if (_outputRoot(tensors, sizes, output) != s.outputRoot) revert OutputMismatch();
        } else if (output.length != 0) {
            revert OutputMismatch();
        }
        j.flags |= FLAG_CALLED;
        bytes memory data = abi.encodeCall(
            IAssayConsumer.onResult, (job, p.modelId, p.inputRoot, s.outputRoot, output)
        );
        (address target, uint256 gasWanted) = (p.callback, p.callbackGas);
        // EIP-150 gives the call at most 63/64 of what is left: with less than this it would be starved.
        if (gasleft() < gasWanted + gasWanted / 63 + CALLBACK_OVERHEAD) revert NotEnoughGas();
        bool ok;
        assembly ("memory-safe") {
            // No return data is copied, however much there is.
            ok := call(gasWanted, target, 0, add(data, 0x20), mload(data), 0, 0)
        }
        emit CallbackDone(job, ok);
    }

    // ---------------------------------------------------------------- steward

    /// @inheritdoc IJobMarket
    function addRules(Rules calldata r) external onlySteward returns (uint64 version) {
        if (r.activeFrom < block.timestamp + RULES_DELAY) revert BadRules(18);
        return _addRules(r);
    }

    /// @inheritdoc IJobMarket
    function pauseNew(bool paused_) external onlySteward {
        paused = paused_;
        emit NewPaused(paused_);
    }

    // --------------------------------------------------------------- disputes

    /// @inheritdoc IJobMarket
    function disputeOpened(bytes32 job) external onlyDisputes {
        Job storage j = _jobs[job];
        if (j.state != State.Submitted) revert WrongState(job, j.state);
        if (block.timestamp > j.clock && block.number > j.clockBlock) revert TooLate();
        j.disputes += 1;
    }

    /// @inheritdoc IJobMarket
    function disputeClosed(bytes32 job) external onlyDisputes {
        _jobs[job].disputes -= 1;
    }

    /// @inheritdoc IJobMarket
    function faulted(JobParams calldata p, Submission calldata s, Fault fault, address accuser)
        external
        onlyDisputes
        nonReentrant
    {
        (bytes32 job, Job storage j,) = _submitted(p, s);
        if (fault != Fault.Fraud && fault != Fault.Withheld) revert NotYours();
        Rules storage r = _rules[p.rules];
        (uint96 price, bool rescue) = (j.price, j.flags & FLAG_RESCUE != 0);
        uint256 reward = _min(_part(p.reserve, r.rewardBps), r.rewardCap);
        uint256 refund = uint256(j.verifierFee) + (rescue ? 0 : price);
        uint256 burned = p.reserve - reward + (rescue ? price : 0);
        j.state = State.Slashed;
        _faulted(job, j, fault, accuser, reward, refund, burned);
        _credit(accuser, reward, job);
        _credit(j.requester, refund, job);
        _burn(burned, job);
        _slash(j.provider, job, p.reserve, p.reserve, fault);
    }

    /// @inheritdoc IJobMarket
    function takeBond(address from, uint96 amount) external onlyDisputes {
        _debit(from, amount);
        bonds += amount;
    }

    /// @inheritdoc IJobMarket
    function payBond(address to, uint96 amount, bytes32 job) external onlyDisputes {
        bonds -= amount;
        _credit(to, amount, job);
    }

    // ---------------------------------------------------------------- private

    function _post(JobParams calldata p, bytes calldata input) private returns (bytes32 job) {
        if (paused) revert Paused();
        job = jobId(p);
        Job storage j = _jobs[job];
        if (j.state != State.None) revert WrongState(job, j.state);
        if (p.rules >= rulesCount) revert UnknownRules();
        Rules memory r = _rules[p.rules];
        if (block.timestamp < r.activeFrom) revert UnknownRules();
        TERMS.checkParams(p, r, MODELS.evidenceOf(p.modelId));
        j.price = p.maxPrice;
        j.requester = p.requester;
        j.reserve = p.reserve;
        j.state = State.Open;
        j.flags = p.evidence;
        // Known versions are far fewer than 2^32.
        // forge-lint: disable-next-line(unsafe-typecast)
        j.rules = uint32(p.rules);
        j.verifierFee = p.verifierFee;
        emit Posted(job, p.requester, p.modelId, p, input);
    }

    /// H(abi.encode(first, second, p)), or, if `first` is 0, H(abi.encode(second, p)). The words are hashed as they
    /// came: one with dirty bits makes an id that was never posted, for `Posted` reads, hence checks, every member.
    function _hashParams(JobParams calldata p, bytes32 first, bytes32 second)
        private
        pure
        returns (bytes32 h)
    {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, first)
            mstore(add(free, 0x20), second)
            calldatacopy(add(free, 0x40), p, 736)
            let skip := shl(5, iszero(first))
            h := keccak256(add(free, skip), sub(800, skip))
        }
    }

    /// H(abi.encode(s)).
    function _hashSubmission(Submission calldata s) private pure returns (bytes32 h) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, s, 192)
            h := keccak256(free, 192)
        }
    }

    /// The job of these parameters, in work and in time.
    function _locked(JobParams calldata p) private view returns (bytes32 job, Job storage j) {
        job = jobId(p);
        j = _jobs[job];
        if (j.state != State.Locked) revert WrongState(job, j.state);
        if (block.timestamp > j.clock) revert TooLate();
    }

    function _submitted(JobParams calldata p, Submission calldata s)
        private
        view
        returns (bytes32 job, Job storage j, bytes32 submission)
    {
        job = jobId(p);
        j = _jobs[job];
        if (j.state != State.Submitted) revert WrongState(job, j.state);
        submission = _hashSubmission(s);
        if (submission != j.submission) revert OutputMismatch();
    }

    function _graceOver(Job storage j) private view returns (bool) {
        Rules storage r = _rules[j.rules];
        return block.timestamp > uint256(j.clock) + r.graceSeconds
            && block.number > uint256(j.clockBlock) + r.graceBlocks;
    }

    function _finalizable(Job storage j) private view returns (bool) {
        uint8 flags = j.flags;
        return j.state == State.Submitted && j.disputes == 0
            && flags & (EVIDENCE_PROOF | FLAG_SETTLED) != EVIDENCE_PROOF
            && (flags & EVIDENCE_TRACE == 0 || _graceOver(j));
    }

    function _finalize(bytes32 job, Job storage j, bool accepted) private {
        (address provider, uint96 price, uint96 fee) = (j.provider, j.price, j.verifierFee);
        j.state = State.Final;
        j.verifierFee = 0;
        emit Finalized(job, provider, price, accepted);
        _credit(provider, price, job);
        if (fee != 0) _credit(j.requester, fee, job);
        PROVIDERS.release(provider, job, j.reserve, true);
    }

    function _settlePass(bytes32 job, Job storage j, bool accepted) private {
        uint8 flags = j.flags;
        if (flags & EVIDENCE_PROOF == 0) revert EvidenceNotOffered();
        if (flags & FLAG_SETTLED != 0) revert AlreadySettled();
        j.flags = flags | FLAG_SETTLED;
        emit ProofSettled(job, accepted);
        // With a dispute open or a window running, `finalize` pays later.
        if (flags & EVIDENCE_TRACE == 0 && j.disputes == 0) _finalize(job, j, accepted);
    }

    /// Delivery missed: the requester pays. Acknowledgement missed: who lies cannot be told, so both burn the same.
    /// In a rescue the pot stands in for the price, and the requester stakes its verifierFee.
    function _idle(JobParams calldata p, bytes32 job, Job storage j) private {
        (uint96 price, uint96 fee, address provider) = (j.price, j.verifierFee, j.provider);
        bool rescue = j.flags & FLAG_RESCUE != 0;
        uint256 sum = _part(price, _rules[p.rules].idleBps);
        j.state = State.Cancelled;
        if (j.flags & FLAG_DELIVERED == 0) {
            uint256 rest = price - sum;
            _ended(job, j, rescue ? fee : fee + rest, sum, rescue ? rest : 0);
            PROVIDERS.release(provider, job, p.reserve, false);
            return;
        }
        if (rescue) sum = _min(sum, fee);
        sum = _min(sum, p.reserve);
        uint256 back = uint256(fee) + (rescue ? 0 : price) - sum;
        _ended(job, j, back, 0, 2 * sum + (rescue ? price : 0));
        _slash(provider, job, p.reserve, sum, Fault.Idle);
    }

    function _late(JobParams calldata p, bytes32 job, Job storage j) private {
        (uint96 price, uint96 fee, address provider) = (j.price, j.verifierFee, j.provider);
        bool rescue = j.flags & FLAG_RESCUE != 0;
        uint256 cut = _min(_part(price, _rules[p.rules].latePerPriceBps), p.reserve);
        uint256 refund = rescue ? 0 : price;
        if (rescue || p.rescueSeconds == 0) {
            uint256 burned = cut + (rescue ? price : 0);
            j.state = State.Expired;
            _faulted(job, j, Fault.Late, address(0), 0, refund + fee, burned);
            _ended(job, j, refund + fee, 0, burned);
        } else {
            // At most the reserve, 96 bits.
            // forge-lint: disable-next-line(unsafe-typecast)
            uint96 pot = uint96(cut / 2);
            uint40 until = uint40(block.timestamp) + p.rescueSeconds;
            j.state = State.Rescue;
            j.flags &= EVIDENCE_TRACE | EVIDENCE_PROOF;
            j.clock = until;
            j.price = pot;
            _faulted(job, j, Fault.Late, address(0), 0, refund, cut - pot);
            emit RescueOpened(job, pot, until);
            _credit(j.requester, refund, job);
            _burn(cut - pot, job);
        }
        _slash(provider, job, p.reserve, cut, Fault.Late);
    }

    function _void(JobParams calldata p, bytes32 job, Job storage j) private {
        if (j.disputes != 0) revert DisputesOpen(j.disputes);
        uint8 flags = j.flags;
        if (flags & (EVIDENCE_PROOF | FLAG_SETTLED) != EVIDENCE_PROOF) {
            revert WrongState(job, State.Submitted);
        }
        Rules storage r = _rules[p.rules];
        uint256 submittedAt = uint256(j.clock) - p.windowSeconds;
        if (block.timestamp <= submittedAt + r.verdictSeconds || !_graceOver(j)) revert TooSoon();
        (uint96 price, address provider) = (j.price, j.provider);
        uint256 cut = _min(_part(price, r.voidBps), p.reserve);
        j.state = State.Void;
        _ended(job, j, j.verifierFee, 0, price + cut);
        _slash(provider, job, p.reserve, cut, Fault.NoVerdict);
    }

    /// Escrow of an ended job, split.
    function _ended(
        bytes32 job,
        Job storage j,
        uint256 toRequester,
        uint256 toProvider,
        uint256 burned
    ) private {
        if (j.verifierFee != 0) j.verifierFee = 0;
        // forge-lint: disable-next-line(unsafe-typecast)
        emit Ended(job, j.state, uint96(toRequester), uint96(toProvider), uint96(burned));
        _credit(j.requester, toRequester, job);
        if (toProvider != 0) _credit(j.provider, toProvider, job);
        _burn(burned, job);
    }

    function _faulted(
        bytes32 job,
        Job storage j,
        Fault fault,
        address accuser,
        uint256 reward,
        uint256 refund,
        uint256 burned
    ) private {
        // forge-lint: disable-next-line(unsafe-typecast)
        emit Faulted(
            job, j.provider, fault, accuser, uint96(reward), uint96(refund), uint96(burned)
        );
    }

    /// Ends the reservation; what is cut arrives here, already credited.
    function _slash(address provider, bytes32 job, uint96 reserved, uint256 cut, Fault reason)
        private
    {
        uint256 before = TOKEN.balanceOf(address(this));
        // forge-lint: disable-next-line(unsafe-typecast)
        PROVIDERS.slash(provider, job, reserved, uint96(cut), uint8(reason));
        if (TOKEN.balanceOf(address(this)) != before + cut) revert TransferShort();
    }

    function _share(address[] calldata set, uint256 fee, bytes32 job) private {
        if (fee == 0) return;
        uint256 each = fee / set.length;
        _credit(set[0], fee - each * (set.length - 1), job);
        for (uint256 i = 1; i < set.length; i++) {
            _credit(set[i], each, job);
        }
    }

    function _credit(address account, uint256 amount, bytes32 job) private {
        if (amount == 0) return;
        balanceOf[account] += amount;
        emit Credited(account, amount, job);
    }

    function _burn(uint256 amount, bytes32 job) private {
        _credit(BURNED, amount, job);
    }

    function _debit(address account, uint256 amount) private {
        uint256 balance = balanceOf[account];
        if (balance < amount) revert InsufficientBalance(balance, amount);
        balanceOf[account] = balance - amount;
    }

    function _pull(address from, uint256 amount) private {
        uint256 before = TOKEN.balanceOf(address(this));
        TOKEN.safeTransferFrom(from, address(this), amount);
        if (TOKEN.balanceOf(address(this)) != before + amount) revert TransferShort();
    }

    function _push(address to, uint256 amount) private {
        uint256 before = TOKEN.balanceOf(address(this));
        TOKEN.safeTransfer(to, amount);
        if (TOKEN.balanceOf(address(this)) + amount != before) revert TransferShort();
    }

    function _outputRoot(uint256 tensors, uint256 sizes, bytes calldata output)
        private
        pure
        returns (bytes32)
    {
        if (output.length != 4 * _sum(sizes)) revert OutputMismatch();
        bytes32[] memory roots = new bytes32[](tensors);
        uint256 from = 0;
        for (uint256 i = 0; i < tensors; i++) {
            uint256 to = from + 4 * (sizes & 0xffffffff);
            roots[i] = Trees.tensorRoot(output[from:to]);
            from = to;
            sizes >>= 32;
        }
        return Trees.listRoot(roots);
    }

    function _sum(uint256 sizes) private pure returns (uint256 total) {
        for (; sizes != 0; sizes >>= 32) {
            total += sizes & 0xffffffff;
        }
    }

    function _part(uint256 amount, uint256 bps) private pure returns (uint256) {
        return amount * bps / BPS;
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    function _addRules(Rules memory r) private returns (uint64 version) {
        TERMS.checkRules(r);
        version = rulesCount++;
        _rules[version] = r;
        emit RulesAdded(version, r);
    }
}
