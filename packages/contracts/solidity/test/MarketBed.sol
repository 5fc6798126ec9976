// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {JobMarket} from "../src/JobMarket.sol";
import {ModelRegistry} from "../src/ModelRegistry.sol";
import {ProviderRegistry} from "../src/ProviderRegistry.sol";
import {Terms} from "../src/Terms.sol";
import {TestDollar} from "../src/TestDollar.sol";
import {Verdicts} from "../src/Verdicts.sol";
import {
    EVIDENCE_PROOF,
    EVIDENCE_TRACE,
    IJobMarket,
    InputKind,
    Job,
    JobParams,
    Rules,
    State,
    Submission,
    Verdict
} from "../src/interfaces/IJobMarket.sol";
import {Model} from "../src/interfaces/IModelRegistry.sol";
import {IProviderRegistry} from "../src/interfaces/IProviderRegistry.sol";
import {Cheats, vm} from "./Cheats.sol";

interface Clock {
    function getBlockTimestamp() external view returns (uint256);
    function getBlockNumber() external view returns (uint256);
}

/// The market with everybody in it; `court` stands in the place of the disputes contract. After each step of a test
/// `_books` compares all that is owed with the tokens that are there.
abstract contract MarketBed is Cheats {
    address internal constant DEAD = 0x000000000000000000000000000000000000dEaD;
    uint96 internal constant USD = 1e6;
    uint96 internal constant MIN_PRICE = 4 * USD;
    uint96 internal constant MAX_PRICE = 10 * USD;
    uint96 internal constant RESERVE = 100 * USD;
    uint96 internal constant FEE = 1 * USD;
    uint256 internal constant FUNDS = 10_000 * uint256(USD);
    uint256 internal constant STAKE = 1_000 * uint256(USD);
    uint32 internal constant WORK = 600;
    uint32 internal constant WINDOW = 3600;
    uint32 internal constant BLOCKS = 300;
    uint32 internal constant RESCUE = 900;
    bytes32 internal constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    uint256 internal constant START = 1_800_000_000;

    TestDollar internal usd;
    ModelRegistry internal models;
    ProviderRegistry internal registry;
    JobMarket internal market;
    Verdicts internal verdicts;
    Terms internal terms;
    Lens internal lens;

    uint256 internal constant REQUESTER_KEY = 0xa11ce;
    address internal requester = vm.addr(REQUESTER_KEY);
    address internal provider = address(0xB0B);
    address internal rescuer = address(0x7E5C);
    address internal watcher = address(0x3A7C);
    address internal anyone = address(0xA9);
    address internal steward = address(0x57E3);
    address internal court;

    /// Keys of the verifiers, in the order of their addresses.
    uint256[] internal keys;
    address[] internal set;
    uint8 internal constant K = 2;

    bytes32 internal modelId;
    bytes32[] internal jobs;
    address[] internal people;

    function setUp() public virtual {
        vm.warp(START);
        vm.roll(1_000_000);
        _deploy(address(new TestDollar()));
    }

    function _deploy(address token) internal {
        usd = TestDollar(token);
        models = new ModelRegistry();
        verdicts = new Verdicts();
        terms = new Terms();
        lens = new Lens();
        uint256 nonce = vm.getNonce(address(this));
        court = vm.computeCreateAddress(address(this), nonce + 2);
        registry =
            new ProviderRegistry(token, vm.computeCreateAddress(address(this), nonce + 1), 7 days);
        market = new JobMarket(
            token,
            address(models),
            address(registry),
            address(verdicts),
            address(terms),
            court,
            steward,
            _rules()
        );
        _verifiers();
        modelId = models.register(_model(), new string[](0));
        people = [requester, provider, rescuer, watcher, anyone, DEAD];
        for (uint256 i = 0; i < set.length; i++) {
            people.push(set[i]);
        }
        for (uint256 i = 0; i < 4; i++) {
            usd.mint(people[i], FUNDS);
            vm.startPrank(people[i]);
            usd.approve(address(market), type(uint256).max);
            usd.approve(address(registry), type(uint256).max);
            vm.stopPrank();
        }
        vm.prank(requester);
        market.deposit(FUNDS / 2);
        _enrol(provider);
        _enrol(rescuer);
    }

    function _enrol(address who) internal {
        vm.startPrank(who);
        registry.stake(STAKE);
        registry.update(keccak256(abi.encode(who)), 0, "http://example.org");
        vm.stopPrank();
    }

    function _verifiers() private {
        for (uint256 i = 1; i <= 3; i++) {
            keys.push(i * 7919);
        }
        for (uint256 i = 0; i < 3; i++) {
            for (uint256 j = i + 1; j < 3; j++) {
                if (vm.addr(keys[j]) < vm.addr(keys[i])) {
                    (keys[i], keys[j]) = (keys[j], keys[i]);
                }
            }
        }
        for (uint256 i = 0; i < 3; i++) {
            set.push(vm.addr(keys[i]));
        }
    }

    function _rules() internal pure returns (Rules memory r) {
        r.minWork = 60;
        r.minWindow = 1800;
        r.minWindowBlocks = 100;
        r.graceSeconds = 120;
        r.graceBlocks = 10;
        r.turnSeconds = 3600;
        r.turnBlocks = 100;
        r.verdictSeconds = 7200;
        r.deliverSeconds = 300;
        r.minReserve = 20 * USD;
        r.reservePerPrice = 5;
        r.latePerPriceBps = 20_000;
        r.challengeBond = 3 * USD;
        r.rewardCap = 8 * USD;
        r.rewardBps = 1000;
        r.forfeitBurnBps = 1000;
        r.idleBps = 500;
        r.voidBps = 1000;
    }

    /// Two outputs, of 40 and of 3 elements.
    function _model() internal pure returns (Model memory m) {
        m.programDigest = keccak256("program");
        m.relationsRoot = keccak256("relations");
        m.constantsRoot = keccak256("constants");
        m.pcsRoot = keccak256("pcs");
        m.pcsOod = keccak256("ood");
        m.relations = 5;
        m.constants = 3;
        m.inputs = 1;
        m.traces = 4;
        m.outputs = 2;
        m.inputSizes = 784;
        m.outputSizes = 40 | (3 << 32);
        m.manifest = keccak256("manifest");
    }

    function _params(uint8 evidence) internal view returns (JobParams memory p) {
        p.requester = requester;
        p.modelId = modelId;
        p.evidence = evidence;
        p.inputKind = InputKind.Uri;
        p.inputRoot = keccak256("input");
        p.minPrice = MIN_PRICE;
        p.maxPrice = MAX_PRICE;
        p.rampStart = uint40(_now() + 100);
        p.rampSeconds = 1000;
        p.lockBy = uint40(_now() + 2000);
        p.workSeconds = WORK;
        p.windowSeconds = WINDOW;
        p.windowBlocks = BLOCKS;
        p.rescueSeconds = RESCUE;
        p.reserve = RESERVE;
        if (evidence & EVIDENCE_PROOF != 0) {
            p.verifierSet = keccak256(abi.encode(set, K));
            p.verifierFee = FEE;
        }
        p.maxOutputBytes = 1 << 20;
        p.nonce = keccak256(abi.encode(jobs.length));
    }

    function _sealed() internal view returns (JobParams memory p) {
        p = _params(EVIDENCE_PROOF);
        p.inputKind = InputKind.Sealed;
        p.outputKey = keccak256("key");
    }

    function _post(JobParams memory p) internal returns (bytes32 job) {
        vm.prank(p.requester);
        job = market.post(p, "input");
        jobs.push(job);
        _books();
    }

    function _lock(JobParams memory p, address by) internal {
        vm.prank(by);
        market.lock(p);
        _books();
    }

    /// Bytes of an output: element i of all is i · 3 − 50.
    function _output() internal pure returns (bytes memory output) {
        for (uint256 i = 0; i < 43; i++) {
            // forge-lint: disable-next-line(unsafe-typecast)
            output = bytes.concat(output, bytes4(uint32(int32(int256(i) * 3 - 50))));
        }
    }

    /// Root of that output, leaf by leaf.
    function _root() internal pure returns (bytes32) {
        bytes memory all = _output();
        bytes memory padded = new bytes(3 * 128);
        for (uint256 i = 0; i < 160; i++) {
            padded[i] = all[i];
        }
        for (uint256 i = 0; i < 12; i++) {
            padded[256 + i] = all[160 + i];
        }
        bytes32[3] memory leaf;
        for (uint256 i = 0; i < 3; i++) {
            bytes memory one = new bytes(128);
            for (uint256 k = 0; k < 128; k++) {
                one[k] = padded[128 * i + k];
            }
            leaf[i] = keccak256(one);
        }
        return keccak256(abi.encode(keccak256(abi.encode(leaf[0], leaf[1])), leaf[2]));
    }

    function _submission(JobParams memory p, address by) internal view returns (Submission memory) {
        return Submission({
            job: market.jobId(p),
            provider: by,
            outputRoot: p.outputKey == 0 ? _root() : keccak256("sealed output"),
            traceRoot: p.evidence & EVIDENCE_TRACE != 0 ? keccak256("trace") : bytes32(0),
            proofDigest: p.evidence & EVIDENCE_PROOF != 0 ? keccak256("proof") : bytes32(0),
            artefacts: keccak256("artefacts")
        });
    }

    function _submit(JobParams memory p, address by) internal returns (Submission memory s) {
        s = _submission(p, by);
        bytes memory output = p.outputKey == 0 ? _output() : bytes("ciphertext");
        vm.prank(by);
        market.submit(p, s, output, "http://example.org/a");
        _books();
    }

    /// Posted, locked at once (so at minPrice) and submitted.
    function _submitted(JobParams memory p) internal returns (bytes32 job, Submission memory s) {
        job = _post(p);
        _lock(p, provider);
        s = _submit(p, provider);
    }

    /// The first provider is late, and the rescuer has locked.
    function _rescued(JobParams memory p) internal returns (bytes32 job) {
        job = _post(p);
        _lock(p, provider);
        _pass(WORK + 1, 0);
        _expire(p);
        _lock(p, rescuer);
    }

    function _expire(JobParams memory p) internal {
        vm.prank(anyone);
        market.expire(p);
        _books();
    }

    // By cheat codes: the optimizer takes TIMESTAMP and NUMBER for constants of a call, which `warp` and `roll` are not.
    function _now() internal view returns (uint256) {
        return Clock(address(vm)).getBlockTimestamp();
    }

    function _number() internal view returns (uint256) {
        return Clock(address(vm)).getBlockNumber();
    }

    function _pass(uint256 time, uint256 blocks) internal {
        vm.warp(_now() + time);
        vm.roll(_number() + blocks);
    }

    function _passWindow() internal {
        _pass(WINDOW + 121, BLOCKS + 11);
    }

    function _signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// Signatures of `v` by those whose bit is set in `who`.
    function _signatures(Submission memory s, Verdict v, uint256 who)
        internal
        view
        returns (bytes[] memory signatures)
    {
        signatures = new bytes[](3);
        bytes32 digest = verdicts.verdictDigest(address(market), s.job, keccak256(abi.encode(s)), v);
        for (uint256 i = 0; i < 3; i++) {
            if (who & (1 << i) != 0) signatures[i] = _signature(keys[i], digest);
        }
    }

    /// EIP-3009, by the requester to the market.
    function _authorization(bytes32 nonce, uint256 value) internal view returns (bytes memory) {
        bytes32 digest = keccak256(
            abi.encodePacked(
                hex"1901",
                usd.DOMAIN_SEPARATOR(),
                keccak256(
                    abi.encode(
                        RECEIVE_TYPEHASH,
                        requester,
                        address(market),
                        value,
                        uint256(0),
                        type(uint256).max,
                        nonce
                    )
                )
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(REQUESTER_KEY, digest);
        return abi.encode(uint256(0), type(uint256).max, v, r, s);
    }

    /// EIP-712, by the requester.
    function _signed(JobParams memory p) internal view returns (bytes memory) {
        return _signature(REQUESTER_KEY, verdicts.paramsDigest(address(market), p));
    }

    function _settle(JobParams memory p, Submission memory s, Verdict v, uint256 who) internal {
        bytes[] memory signatures = _signatures(s, v, who);
        vm.prank(anyone);
        market.settle(p, s, v, set, K, signatures);
        _books();
    }

    function _state(bytes32 job) internal view returns (State) {
        return market.jobOf(job).state;
    }

    function _is(bytes32 job, State expected) internal view {
        assertEq(uint256(_state(job)), uint256(expected), "state");
    }

    function _wrong(bytes32 job, State found) internal {
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.WrongState.selector, job, found));
    }

    /// What an account has: tokens, balance, stake.
    function _worth(address who) internal view returns (uint256) {
        IProviderRegistry.Account memory a = registry.account(who);
        return usd.balanceOf(who) + market.balanceOf(who) + a.free + a.reserved + a.leaving;
    }

    /// Market: balances, bonds, escrow and pots; registry: free, reserved, leaving. Both exactly their tokens.
    function _books() internal view {
        uint256[3] memory off = lens.off(market, registry, people, jobs);
        assertEq(off[0], 0, "market's books");
        assertEq(off[1], 0, "registry's books");
        assertEq(off[2], 0, "reserved");
    }
}

/// Reads everything in one call: with --isolate each call of a test is a transaction of its own.
contract Lens {
    /// By how much are off: the market's books, the registry's, and the stake reserved for jobs.
    function off(
        JobMarket market,
        ProviderRegistry registry,
        address[] calldata people,
        bytes32[] calldata jobs
    ) external view returns (uint256[3] memory) {
        TestDollar usd = TestDollar(market.token());
        uint256 owed = market.bonds();
        uint256 staked = 0;
        uint256 reserved = 0;
        for (uint256 i = 0; i < people.length; i++) {
            owed += market.balanceOf(people[i]);
            IProviderRegistry.Account memory a = registry.account(people[i]);
            staked += uint256(a.free) + a.reserved + a.leaving;
            reserved += a.reserved;
        }
        uint256 held = 0;
        for (uint256 i = 0; i < jobs.length; i++) {
            Job memory j = market.jobOf(jobs[i]);
            bool working = j.state == State.Locked || j.state == State.Submitted;
            if (working || j.state == State.Open || j.state == State.Rescue) {
                owed += uint256(j.price) + j.verifierFee;
            }
            if (working) held += j.reserve;
        }
        return [
            _apart(owed, usd.balanceOf(address(market))),
            _apart(staked, usd.balanceOf(address(registry))),
            _apart(held, reserved)
        ];
    }

    function _apart(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : b - a;
    }
}
