// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {JobParams, Verdict} from "./IJobMarket.sol";

/// @title Signatures of the market, EIP-712 with domain (name "Assay", version "1", chainid, market).
/// @notice Stateless and without powers: the market asks it so as to stay under the size limit of EIP-170.
interface IVerdicts {
    error BadSet();

    function domainSeparator(address market) external view returns (bytes32);
    /// @notice Digest that a verifier signs: Verdict(bytes32 job,bytes32 submission,uint8 verdict).
    function verdictDigest(address market, bytes32 job, bytes32 submission, Verdict v)
        external
        view
        returns (bytes32);
    /// @notice Digest that a requester signs for a relayed post: JobParams as declared.
    function paramsDigest(address market, JobParams calldata p) external view returns (bytes32);

    /// @notice Whether k members of the set signed `v` for this job and submission. Reverts BadSet if the set is not
    /// strictly increasing, has none or over 16 members, if k < ceil(2n/3) or k > n, or if the signatures are not
    /// one (perhaps empty) each.
    function quorum(
        address market,
        bytes32 job,
        bytes32 submission,
        Verdict v,
        address[] calldata set,
        uint8 k,
        bytes[] calldata signatures
    ) external view returns (bool);
    /// @notice Whether `signer` (ERC-1271 for contracts) signed the struct of this hash.
    function signed(address market, address signer, bytes32 structHash, bytes calldata signature)
        external
        view
        returns (bool);
}
