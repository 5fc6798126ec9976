// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Disputes} from "../../src/Disputes.sol";
import {FraudVerifier} from "../../src/FraudVerifier.sol";
import {JobMarket} from "../../src/JobMarket.sol";
import {ModelRegistry} from "../../src/ModelRegistry.sol";
import {ProviderRegistry} from "../../src/ProviderRegistry.sol";
import {Terms} from "../../src/Terms.sol";
import {TestDollar} from "../../src/TestDollar.sol";
import {Verdicts} from "../../src/Verdicts.sol";
import {List} from "../../src/interfaces/Commitments.sol";
import {Case} from "../../src/interfaces/IDisputes.sol";
import {
    EVIDENCE_TRACE,
    InputKind,
    JobParams,
    Rules,
    Submission
} from "../../src/interfaces/IJobMarket.sol";
import {Model} from "../../src/interfaces/IModelRegistry.sol";
import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {Cheats, vm} from "../Cheats.sol";
import {Grove, Toy} from "./Toy.sol";

/// The real contracts, four people with money, and jobs of the toy model.
abstract contract World is Cheats {
    address internal constant DEAD = 0x000000000000000000000000000000000000dEaD;
    uint96 internal constant MAX_PRICE = 10e6;
    uint96 internal constant RESERVE = 100e6;
    uint256 internal constant FUNDS = 1_000_000e6;
    uint256 internal constant STAKE = 20_000e6;

    /// Size of the toy model in use.
    uint256 internal n;
    uint256 internal m;

    TestDollar internal usd;
    ModelRegistry internal models;
    ProviderRegistry internal providers;
    JobMarket internal market;
    Disputes internal disputes;
    FraudVerifier internal verifier;

    address internal requester = address(0xA11CE);
    address internal provider = address(0xB0B);
    address internal challenger = address(0xC4A11E);
    address internal other = address(0x07E2);

    function _deploy() internal {
        vm.warp(1_800_000_000);
        vm.roll(1_000_000);
        usd = new TestDollar();
        models = new ModelRegistry();
        verifier = new FraudVerifier();
        Verdicts verdicts = new Verdicts();
        Terms terms = new Terms();
        uint256 nonce = vm.getNonce(address(this));
        providers = new ProviderRegistry(
            address(usd), vm.computeCreateAddress(address(this), nonce + 1), 7 days
        );
        market = new JobMarket(
            address(usd),
            address(models),
            address(providers),
            address(verdicts),
            address(terms),
            vm.computeCreateAddress(address(this), nonce + 2),
            address(this),
            _rules()
        );
        disputes = new Disputes(market, verifier);
        _fund(requester);
        _fund(provider);
        _fund(challenger);
        _fund(other);
        vm.prank(provider);
        providers.stake(STAKE);
    }

    /// Tokens, approvals, and a deposit of half of them.
    function _fund(address who) internal {
        usd.mint(who, FUNDS);
        vm.startPrank(who);
        usd.approve(address(market), type(uint256).max);
        usd.approve(address(providers), type(uint256).max);
        market.deposit(FUNDS / 2);
        vm.stopPrank();
    }

    function _rules() internal pure returns (Rules memory r) {
        r.minWork = 10;
        r.minWindow = 60;
        r.minWindowBlocks = 5;
        r.graceSeconds = 30;
        r.graceBlocks = 3;
        r.turnSeconds = 100;
        r.turnBlocks = 10;
        r.verdictSeconds = 1000;
        r.deliverSeconds = 50;
        r.minReserve = 50e6;
        r.reservePerPrice = 5;
        r.latePerPriceBps = 20_000;
        r.challengeBond = 1_000_007; // no round number: rounding shows
        r.rewardCap = 8e6;
        r.rewardBps = 1000;
        r.forfeitBurnBps = 1000;
        r.idleBps = 500;
        r.voidBps = 1000;
    }

    function _params(uint256 nonce, bytes32 modelId) internal view returns (JobParams memory p) {
        p.requester = requester;
        p.modelId = modelId;
        p.evidence = EVIDENCE_TRACE;
        p.inputKind = InputKind.Uri;
        p.inputRoot = Toy.root(Toy.grove(Toy.input(n, nonce)));
        p.minPrice = MAX_PRICE;
        p.maxPrice = MAX_PRICE;
        p.lockBy = uint40(vm.getBlockTimestamp() + 1 days);
        p.workSeconds = 600;
        p.windowSeconds = 60;
        p.windowBlocks = 5;
        p.rescueSeconds = 300;
        p.reserve = RESERVE;
        p.maxOutputBytes = 1 << 20;
        p.nonce = bytes32(nonce);
    }

    /// Posted, locked and submitted with these roots.
    function _submit(JobParams memory p, Model memory model, bytes32 trace, bytes memory output)
        internal
        returns (Case memory c)
    {
        c.params = p;
        c.model = model;
        vm.prank(p.requester);
        bytes32 job = market.post(p, "");
        vm.prank(provider);
        market.lock(p);
        bytes[] memory outputs = new bytes[](1);
        outputs[0] = output;
        c.submission = Submission({
            job: job,
            provider: provider,
            outputRoot: Toy.root(Toy.grove(outputs)),
            traceRoot: trace,
            proofDigest: p.evidence & 2 == 0 ? bytes32(0) : keccak256("proof"),
            artefacts: keccak256("artefacts")
        });
        vm.prank(provider);
        market.submit(p, c.submission, output.length <= 4096 ? output : bytes(""), "");
    }

    /// Past the window and its grace.
    function _pass(uint256 time, uint256 blocks) internal {
        vm.warp(vm.getBlockTimestamp() + time);
        vm.roll(vm.getBlockNumber() + blocks);
    }

    function _account(address who) internal view returns (IProviderRegistry.Account memory) {
        return providers.account(who);
    }

    function _one(uint32 leaf) internal pure returns (uint32[] memory leaves) {
        leaves = new uint32[](1);
        leaves[0] = leaf;
    }
}
