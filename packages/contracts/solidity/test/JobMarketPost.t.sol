// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {JobMarket} from "../src/JobMarket.sol";
import {ProviderRegistry} from "../src/ProviderRegistry.sol";
import {
    EVIDENCE_PROOF,
    EVIDENCE_TRACE,
    IJobMarket,
    InputKind,
    Job,
    JobParams,
    Rules,
    State
} from "../src/interfaces/IJobMarket.sol";
import {Model} from "../src/interfaces/IModelRegistry.sol";
import {MarketBed} from "./MarketBed.sol";
import {vm} from "./Cheats.sol";

contract JobMarketPostTest is MarketBed {
    function test_PostFromBalance() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        uint256 balance = market.balanceOf(requester);
        bytes32 job = _post(p);
        assertEq(job, keccak256(abi.encode(block.chainid, address(market), p)), "id");
        assertEq(balance - market.balanceOf(requester), MAX_PRICE + FEE, "escrow");
        Job memory j = market.jobOf(job);
        _is(job, State.Open);
        assertEq(j.requester, requester, "requester");
        assertEq(j.price, MAX_PRICE, "price");
        assertEq(j.reserve, RESERVE, "reserve");
        assertEq(j.verifierFee, FEE, "fee");
        assertEq(j.flags, EVIDENCE_PROOF, "flags");
    }

    function test_PostPullsWhatTheBalanceLacks() public {
        vm.startPrank(requester);
        market.withdraw(requester, market.balanceOf(requester) - 3 * USD);
        vm.stopPrank();
        uint256 tokens = usd.balanceOf(requester);
        _post(_params(EVIDENCE_PROOF));
        assertEq(market.balanceOf(requester), 0, "balance first");
        assertEq(tokens - usd.balanceOf(requester), MAX_PRICE + FEE - 3 * USD, "the rest pulled");
    }

    function test_PostByAnotherReverts() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        vm.expectRevert(IJobMarket.NotYours.selector);
        vm.prank(anyone);
        market.post(p, "");
    }

    function test_PostTwiceReverts() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        bytes32 job = _post(p);
        _wrong(job, State.Open);
        vm.prank(requester);
        market.post(p, "");
        vm.prank(requester);
        market.cancel(job);
        // No id is ever used twice, not even after its end.
        _wrong(job, State.Cancelled);
        vm.prank(requester);
        market.post(p, "");
    }

    function test_IdBindsChainAndMarket() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        bytes32 here = market.jobId(p);
        vm.chainId(77);
        require(market.jobId(p) != here, "chain");
        assertEq(market.jobId(p), keccak256(abi.encode(uint256(77), address(market), p)), "id");
    }

    // Every member of the parameters changes the id.
    function testFuzz_IdBindsEveryWord(uint256 word, uint256 flip) public view {
        JobParams memory p = _params(EVIDENCE_TRACE);
        bytes memory data = abi.encodeCall(IJobMarket.jobId, (p));
        word = bound(word, 0, 22);
        flip = bound(flip, 1, type(uint256).max);
        assembly {
            let at := add(add(data, 0x24), shl(5, word))
            mstore(at, xor(mload(at), flip))
        }
        (, bytes memory result) = address(market).staticcall(data);
        require(abi.decode(result, (bytes32)) != market.jobId(p), "id");
    }

    // A member with dirty bits is never posted, though ids are hashes of the words as they come.
    function testFuzz_DirtyParamsArePostedByNobody(uint256 bit) public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        bytes memory data = abi.encodeCall(IJobMarket.post, (p, ""));
        uint8[16] memory words = [0, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 22];
        uint8[16] memory bits = [160, 8, 8, 96, 96, 40, 32, 40, 32, 32, 32, 32, 96, 96, 32, 64];
        uint256 i = bit % 16;
        uint256 flip = 1 << bound(bit >> 8, bits[i], 255);
        uint256 word = words[i];
        assembly {
            let at := add(add(data, 0x24), shl(5, word))
            mstore(at, xor(mload(at), flip))
        }
        vm.prank(requester);
        (bool ok,) = address(market).call(data);
        require(!ok, "posted");
    }

    // ------------------------------------------------------------------ terms

    function _refused(JobParams memory p, uint8 field) private {
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.BadParams.selector, field));
        vm.prank(p.requester);
        market.post(p, "");
    }

    function test_TermsOfParams() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        p.requester = address(0);
        _refused(p, 0);
        p = _params(0);
        _refused(p, 2);
        p = _params(EVIDENCE_TRACE);
        p.evidence = 5;
        _refused(p, 2);
        p = _params(3);
        p.inputKind = InputKind.Sealed;
        _refused(p, 3);
        p = _params(EVIDENCE_TRACE);
        p.inputRoot = 0;
        _refused(p, 4);
        p = _params(EVIDENCE_TRACE);
        p.minPrice = p.maxPrice + 1;
        _refused(p, 6);
        (p.minPrice, p.maxPrice) = (0, 0);
        _refused(p, 6);
        p.maxPrice = type(uint96).max / 2 - RESERVE + 1;
        _refused(p, 6);
        p = _params(EVIDENCE_TRACE);
        p.lockBy = uint40(_now() - 1);
        _refused(p, 9);
        p.lockBy = uint40(_now() + 30 days + 1);
        _refused(p, 9);
        p = _params(EVIDENCE_TRACE);
        p.workSeconds = 59;
        _refused(p, 10);
        p.workSeconds = 30 days + 1;
        _refused(p, 10);
        p = _params(EVIDENCE_TRACE);
        p.windowSeconds = 1799;
        _refused(p, 11);
        p.windowSeconds = 30 days + 1;
        _refused(p, 11);
        p = _params(EVIDENCE_TRACE);
        p.windowBlocks = 99;
        _refused(p, 12);
        p.windowBlocks = 4 * WINDOW + 1;
        _refused(p, 12);
        p = _params(EVIDENCE_TRACE);
        p.rescueSeconds = 30 days + 1;
        _refused(p, 13);
        p = _params(EVIDENCE_TRACE);
        p.reserve = 5 * MAX_PRICE - 1;
        _refused(p, 14);
        (p.minPrice, p.maxPrice, p.reserve) = (1, 1, 20 * USD - 1);
        _refused(p, 14);
        p = _params(EVIDENCE_PROOF);
        (p.reserve, p.verifierFee) = (50 * USD, 30 * USD + 1);
        _refused(p, 14);
        p = _params(EVIDENCE_TRACE);
        p.verifierSet = keccak256("set");
        _refused(p, 15);
        p = _params(EVIDENCE_PROOF);
        p.verifierSet = 0;
        _refused(p, 16);
        p = _params(EVIDENCE_TRACE);
        p.outputKey = keccak256("key");
        _refused(p, 18);
        p = _params(EVIDENCE_TRACE);
        p.callbackGas = 5_000_001;
        _refused(p, 20);
    }

    function test_ProofAloneNeedsNoWindow() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        (p.windowSeconds, p.windowBlocks) = (0, 0);
        _is(_post(p), State.Open);
    }

    function test_EvidenceMustBeOffered() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        p.modelId = keccak256("unknown");
        vm.startPrank(requester);
        vm.expectRevert(IJobMarket.EvidenceNotOffered.selector);
        market.post(p, "");
        Model memory hidden = _model();
        hidden.constantsRoot = 0;
        p.modelId = models.register(hidden, new string[](0));
        vm.expectRevert(IJobMarket.EvidenceNotOffered.selector);
        market.post(p, "");
        Model memory unproved = _model();
        (unproved.pcsRoot, unproved.pcsOod) = (0, 0);
        p = _params(3);
        p.modelId = models.register(unproved, new string[](0));
        vm.expectRevert(IJobMarket.EvidenceNotOffered.selector);
        market.post(p, "");
        vm.stopPrank();
    }

    // ---------------------------------------------------------------- relayed

    function test_PostForWithAuthorization() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        uint256 tokens = usd.balanceOf(requester);
        uint256 balance = market.balanceOf(requester);
        bytes memory signature = _signed(p);
        bytes memory authorization = _authorization(market.jobId(p), MAX_PRICE + FEE);
        vm.prank(anyone);
        bytes32 job = market.postFor(p, "", signature, authorization);
        jobs.push(job);
        _books();
        _is(job, State.Open);
        assertEq(tokens - usd.balanceOf(requester), MAX_PRICE + FEE, "pulled");
        assertEq(market.balanceOf(requester), balance, "balance untouched");
        _wrong(job, State.Open);
        market.postFor(p, "", signature, authorization);
    }

    function test_PostForFromBalance() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        bytes memory signature = _signed(p);
        uint256 balance = market.balanceOf(requester);
        vm.prank(anyone);
        jobs.push(market.postFor(p, "", signature, ""));
        _books();
        assertEq(balance - market.balanceOf(requester), MAX_PRICE + FEE, "from balance");
    }

    function test_PostForLackingBalanceReverts() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        bytes memory signature = _signed(p);
        uint256 balance = market.balanceOf(requester);
        vm.prank(requester);
        market.withdraw(requester, balance);
        vm.expectRevert(
            abi.encodeWithSelector(IJobMarket.InsufficientBalance.selector, 0, MAX_PRICE)
        );
        market.postFor(p, "", signature, "");
    }

    function test_PostForWrongSignatureReverts() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        bytes memory signature = _signature(keys[0], verdicts.paramsDigest(address(market), p));
        vm.expectRevert(IJobMarket.BadSignature.selector);
        market.postFor(p, "", signature, "");
        signature = _signed(p);
        p.maxPrice += 1;
        vm.expectRevert(IJobMarket.BadSignature.selector);
        market.postFor(p, "", signature, "");
    }

    // The authorisation names the market as payee and the job as nonce: seen in the mempool it serves nobody else.
    function test_AuthorizationFrontRun() public {
        JobParams memory p = _params(EVIDENCE_TRACE);
        bytes32 job = market.jobId(p);
        (,, uint8 v, bytes32 r, bytes32 s) =
            abi.decode(_authorization(job, MAX_PRICE), (uint256, uint256, uint8, bytes32, bytes32));
        vm.startPrank(anyone);
        vm.expectRevert();
        usd.receiveWithAuthorization(
            requester, address(market), MAX_PRICE, 0, type(uint256).max, job, v, r, s
        );
        vm.expectRevert();
        usd.receiveWithAuthorization(
            requester, anyone, MAX_PRICE, 0, type(uint256).max, job, v, r, s
        );
        vm.expectRevert();
        usd.transferWithAuthorization(
            requester, address(market), MAX_PRICE, 0, type(uint256).max, job, v, r, s
        );
        vm.stopPrank();
        // Nor for another job of the same requester.
        JobParams memory q = _params(EVIDENCE_TRACE);
        q.nonce = keccak256("other");
        bytes memory signature = _signed(q);
        bytes memory authorization = _authorization(job, MAX_PRICE);
        vm.expectRevert();
        market.postFor(q, "", signature, authorization);
        // A copy of the whole call posts the same job, once.
        signature = _signed(p);
        vm.prank(anyone);
        market.postFor(p, "", signature, authorization);
        _is(job, State.Open);
    }

    function test_RequesterMayBeAContract() public {
        Wallet wallet = new Wallet(requester);
        vm.prank(requester);
        usd.transfer(address(wallet), 100 * USD);
        wallet.deposit(IToken(address(usd)), market, 100 * USD);
        JobParams memory p = _params(EVIDENCE_TRACE);
        p.requester = address(wallet);
        bytes memory signature = _signed(p);
        bytes32 job = market.postFor(p, "", signature, "");
        assertEq(market.jobOf(job).requester, address(wallet), "wallet");
        assertEq(market.balanceOf(address(wallet)), 90 * USD, "paid");
    }

    // ----------------------------------------------------------------- cancel

    function test_Cancel() public {
        uint256 worth = _worth(requester);
        bytes32 job = _post(_params(EVIDENCE_PROOF));
        vm.expectRevert(IJobMarket.NotYours.selector);
        vm.prank(anyone);
        market.cancel(job);
        vm.prank(requester);
        market.cancel(job);
        _books();
        _is(job, State.Cancelled);
        assertEq(market.jobOf(job).verifierFee, 0, "no fee left");
        assertEq(_worth(requester), worth, "all back");
        _wrong(job, State.Cancelled);
        vm.prank(requester);
        market.cancel(job);
    }

    function test_CancelAfterLockReverts() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        bytes32 job = _post(p);
        _lock(p, provider);
        _wrong(job, State.Locked);
        vm.prank(requester);
        market.cancel(job);
    }

    function test_ExpireOpen() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        uint256 worth = _worth(requester);
        bytes32 job = _post(p);
        vm.warp(p.lockBy);
        vm.expectRevert(IJobMarket.TooSoon.selector);
        market.expire(p);
        vm.warp(p.lockBy + 1);
        _expire(p);
        _is(job, State.Expired);
        assertEq(_worth(requester), worth, "all back");
        _wrong(job, State.Expired);
        market.expire(p);
    }

    // ------------------------------------------------------- rules and steward

    function test_RulesTimelock() public {
        Rules memory r = _rules();
        r.minWork = 120;
        r.activeFrom = uint40(_now() + 2 days - 1);
        vm.expectRevert(IJobMarket.NotYours.selector);
        market.addRules(r);
        vm.startPrank(steward);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.BadRules.selector, 18));
        market.addRules(r);
        r.activeFrom += 1;
        assertEq(market.addRules(r), 1, "version");
        vm.stopPrank();
        assertEq(market.rulesCount(), 2, "count");
        assertEq(market.rules(1).minWork, 120, "stored");

        JobParams memory p = _params(EVIDENCE_TRACE);
        p.rules = 1;
        vm.expectRevert(IJobMarket.UnknownRules.selector);
        vm.prank(requester);
        market.post(p, "");
        _pass(2 days, 0);
        p = _params(EVIDENCE_TRACE);
        p.rules = 1;
        (p.workSeconds) = 119;
        _refused(p, 10);
        p.workSeconds = 120;
        assertEq(market.jobOf(_post(p)).rules, 1, "kept by the job");
        // The first version remains in force.
        _post(_params(EVIDENCE_TRACE));
        p = _params(EVIDENCE_TRACE);
        p.rules = 2;
        vm.expectRevert(IJobMarket.UnknownRules.selector);
        vm.prank(requester);
        market.post(p, "");
        vm.expectRevert(IJobMarket.UnknownRules.selector);
        market.rules(2);
    }

    function _badRules(Rules memory r, uint8 field) private {
        r.activeFrom = uint40(_now() + 2 days);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.BadRules.selector, field));
        vm.prank(steward);
        market.addRules(r);
    }

    function test_BoundsOfRules() public {
        Rules memory r = _rules();
        r.minWork = 1 days + 1;
        _badRules(r, 0);
        r = _rules();
        r.minWindow = 7 days + 1;
        _badRules(r, 1);
        r = _rules();
        r.minWindowBlocks = 4 * r.minWindow + 1;
        _badRules(r, 2);
        r = _rules();
        r.graceSeconds = 1 days + 1;
        _badRules(r, 3);
        r = _rules();
        r.graceBlocks = 1;
        _badRules(r, 4);
        r.graceBlocks = 4 days + 1;
        _badRules(r, 4);
        r = _rules();
        r.turnSeconds = 0;
        _badRules(r, 5);
        r.turnSeconds = 7 days + 1;
        _badRules(r, 5);
        r = _rules();
        r.turnBlocks = 0;
        _badRules(r, 6);
        r.turnBlocks = 4 * r.turnSeconds + 1;
        _badRules(r, 6);
        r = _rules();
        r.verdictSeconds = 0;
        _badRules(r, 7);
        r.verdictSeconds = 30 days + 1;
        _badRules(r, 7);
        r = _rules();
        r.deliverSeconds = 0;
        _badRules(r, 8);
        r.deliverSeconds = 7 days + 1;
        _badRules(r, 8);
        r = _rules();
        (r.reservePerPrice, r.latePerPriceBps) = (0, 0);
        _badRules(r, 10);
        r = _rules();
        (r.reservePerPrice, r.latePerPriceBps) = (1, 10_001);
        _badRules(r, 11);
        r = _rules();
        r.rewardBps = 1001;
        _badRules(r, 14);
        r = _rules();
        r.forfeitBurnBps = 5001;
        _badRules(r, 15);
        r = _rules();
        r.idleBps = 1001;
        _badRules(r, 16);
        r = _rules();
        r.voidBps = 1001;
        _badRules(r, 17);
    }

    function test_PauseStopsOnlyPostsAndLocks() public {
        JobParams memory p = _params(EVIDENCE_PROOF);
        bytes32 open = _post(p);
        JobParams memory q = _params(EVIDENCE_PROOF);
        (bytes32 done,) = _submitted(q);
        vm.expectRevert(IJobMarket.NotYours.selector);
        market.pauseNew(true);
        vm.prank(steward);
        market.pauseNew(true);
        JobParams memory next = _params(EVIDENCE_PROOF);
        vm.expectRevert(IJobMarket.Paused.selector);
        vm.prank(requester);
        market.post(next, "");
        bytes memory signature = _signed(next);
        vm.expectRevert(IJobMarket.Paused.selector);
        market.postFor(next, "", signature, "");
        vm.expectRevert(IJobMarket.Paused.selector);
        vm.prank(provider);
        market.lock(p);
        vm.startPrank(requester);
        market.accept(done);
        market.cancel(open);
        market.withdraw(requester, 1);
        vm.stopPrank();
        _is(done, State.Final);
        vm.prank(steward);
        market.pauseNew(false);
        _post(next);
    }

    // ------------------------------------------------------------------ links

    function test_LinksAreChecked() public {
        vm.expectRevert(IJobMarket.BrokenLink.selector);
        new JobMarket(
            address(usd),
            address(models),
            address(registry),
            address(verdicts),
            address(terms),
            court,
            steward,
            _rules()
        );
        // No disputes contract.
        _marketAfter(address(usd), address(0));
        // Another token.
        _marketAfter(address(1), court);
    }

    /// A registry that names the market that follows it; the market is refused.
    function _marketAfter(address token, address disputes) private {
        uint256 nonce = vm.getNonce(address(this));
        ProviderRegistry other =
            new ProviderRegistry(token, vm.computeCreateAddress(address(this), nonce + 1), 1 days);
        vm.expectRevert(IJobMarket.BrokenLink.selector);
        new JobMarket(
            address(usd),
            address(models),
            address(other),
            address(verdicts),
            address(terms),
            disputes,
            steward,
            _rules()
        );
    }
}

/// A requester that signs by ERC-1271.
contract Wallet {
    address private immutable OWNER;

    constructor(address owner) {
        OWNER = owner;
    }

    function deposit(IToken token, IJobMarket market, uint256 amount) external {
        token.approve(address(market), amount);
        market.deposit(amount);
    }

    function isValidSignature(bytes32 digest, bytes calldata signature)
        external
        view
        returns (bytes4)
    {
        (bytes32 r, bytes32 s) = abi.decode(signature[:64], (bytes32, bytes32));
        address signer = ecrecover(digest, uint8(signature[64]), r, s);
        return signer == OWNER ? this.isValidSignature.selector : bytes4(0);
    }
}

interface IToken {
    function approve(address spender, uint256 amount) external returns (bool);
}
