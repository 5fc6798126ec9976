// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    EVIDENCE_PROOF,
    EVIDENCE_TRACE,
    IJobMarket,
    InputKind,
    JobParams,
    Rules
} from "./interfaces/IJobMarket.sol";
import {ITerms} from "./interfaces/ITerms.sol";

/// @title Bounds of a job and of the rules.
/// @dev Documented in ITerms.
contract Terms is ITerms {
    /// No clock that a requester chooses is longer, so that every job ends at a reachable time.
    uint256 public constant MAX_SECONDS = 30 days;
    /// Blocks of a clock, per second of it: no chain's blocks are shorter than a quarter of a second.
    uint256 public constant MAX_BLOCKS_PER_SECOND = 4;
    uint256 public constant MAX_CALLBACK_GAS = 5_000_000;
    uint256 private constant BPS = 10_000;

    /// @inheritdoc ITerms
    function checkParams(JobParams calldata p, Rules calldata r, uint8 offered) external view {
        if (p.requester == address(0)) revert IJobMarket.BadParams(0);
        bool trace = p.evidence & EVIDENCE_TRACE != 0;
        bool proof = p.evidence & EVIDENCE_PROOF != 0;
        if (p.evidence == 0 || p.evidence > (EVIDENCE_TRACE | EVIDENCE_PROOF)) {
            revert IJobMarket.BadParams(2);
        }
        if (p.evidence & offered != p.evidence) revert IJobMarket.EvidenceNotOffered();
        // A trace is public: so are its input and its output.
        if (trace && p.inputKind == InputKind.Sealed) revert IJobMarket.BadParams(3);
        if (p.inputRoot == 0) revert IJobMarket.BadParams(4);
        // All that a job can move fits 96 bits.
        if (
            p.maxPrice == 0 || p.minPrice > p.maxPrice
                || uint256(p.maxPrice) + p.verifierFee + p.reserve > type(uint96).max / 2
        ) revert IJobMarket.BadParams(6);
        if (p.lockBy < block.timestamp || p.lockBy > block.timestamp + MAX_SECONDS) {
            revert IJobMarket.BadParams(9);
        }
        if (p.workSeconds < r.minWork || p.workSeconds > MAX_SECONDS) {
            revert IJobMarket.BadParams(10);
        }
        if ((trace && p.windowSeconds < r.minWindow) || p.windowSeconds > MAX_SECONDS) {
            revert IJobMarket.BadParams(11);
        }
        if (
            (trace && p.windowBlocks < r.minWindowBlocks)
                || p.windowBlocks > MAX_BLOCKS_PER_SECOND * p.windowSeconds
        ) revert IJobMarket.BadParams(12);
        if (p.rescueSeconds > MAX_SECONDS) revert IJobMarket.BadParams(13);
        // Enough for every way to lose a part of it.
        if (
            p.reserve < r.minReserve || p.reserve < uint256(r.reservePerPrice) * p.maxPrice
                || p.reserve < uint256(p.maxPrice) * r.latePerPriceBps / BPS + p.verifierFee
        ) revert IJobMarket.BadParams(14);
        if (p.verifierSet != 0 && !proof) revert IJobMarket.BadParams(15);
        if (p.verifierFee != 0 && p.verifierSet == 0) revert IJobMarket.BadParams(16);
        if (trace && p.outputKey != 0) revert IJobMarket.BadParams(18);
        if (p.callbackGas > MAX_CALLBACK_GAS) revert IJobMarket.BadParams(20);
    }

    /// @inheritdoc ITerms
    function checkRules(Rules calldata r) external pure {
        if (r.minWork > 1 days) revert IJobMarket.BadRules(0);
        if (r.minWindow > 7 days) revert IJobMarket.BadRules(1);
        if (r.minWindowBlocks > MAX_BLOCKS_PER_SECOND * r.minWindow) revert IJobMarket.BadRules(2);
        if (r.graceSeconds > 1 days) revert IJobMarket.BadRules(3);
        // A commitment in the window's last block is revealed in a later one.
        if (r.graceBlocks < 2 || r.graceBlocks > MAX_BLOCKS_PER_SECOND * 1 days) {
            revert IJobMarket.BadRules(4);
        }
        if (r.turnSeconds == 0 || r.turnSeconds > 7 days) revert IJobMarket.BadRules(5);
        if (r.turnBlocks == 0 || r.turnBlocks > MAX_BLOCKS_PER_SECOND * r.turnSeconds) {
            revert IJobMarket.BadRules(6);
        }
        if (r.verdictSeconds == 0 || r.verdictSeconds > MAX_SECONDS) revert IJobMarket.BadRules(7);
        if (r.deliverSeconds == 0 || r.deliverSeconds > 7 days) revert IJobMarket.BadRules(8);
        // The late sum of any price is within its reserve, and so is the burn of Void.
        if (r.latePerPriceBps > BPS * r.reservePerPrice) revert IJobMarket.BadRules(11);
        if (r.reservePerPrice == 0) revert IJobMarket.BadRules(10);
        if (r.rewardBps > 1000) revert IJobMarket.BadRules(14);
        if (r.forfeitBurnBps > 5000) revert IJobMarket.BadRules(15);
        if (r.idleBps > 1000) revert IJobMarket.BadRules(16);
        if (r.voidBps > 1000) revert IJobMarket.BadRules(17);
    }
}
