// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {JobParams, Rules} from "./IJobMarket.sol";

/// @title What a job and a version of the rules may say.
/// @notice Stateless and without powers: the market asks it so as to stay under the size limit of EIP-170.
/// Errors are BadParams, BadRules and EvidenceNotOffered of IJobMarket.
interface ITerms {
    /// @notice Reverts unless a job may be posted now under these rules; `offered` is the evidence of its model.
    /// Whatever would fail a provider or a requester later and can be seen now is refused here.
    function checkParams(JobParams calldata p, Rules calldata r, uint8 offered) external view;
    /// @notice Reverts unless the rules are within the bounds of this code.
    function checkRules(Rules calldata r) external pure;
}
