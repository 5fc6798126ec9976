// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {JobParams, Verdict} from "./interfaces/IJobMarket.sol";
import {IVerdicts} from "./interfaces/IVerdicts.sol";

/// @title EIP-712 digests and quorums of the market.
/// @dev Documented in IVerdicts.
contract Verdicts is IVerdicts {
    uint256 public constant MAX_SET = 16;

    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant NAME_HASH = keccak256("Assay");
    bytes32 private constant VERSION_HASH = keccak256("1");
    bytes32 private constant VERDICT_TYPEHASH =
        keccak256("Verdict(bytes32 job,bytes32 submission,uint8 verdict)");
    bytes32 private constant PARAMS_TYPEHASH = keccak256(
        "JobParams(address requester,bytes32 modelId,uint8 evidence,uint8 inputKind,bytes32 inputRoot,uint96 minPrice,uint96 maxPrice,uint40 rampStart,uint32 rampSeconds,uint40 lockBy,uint32 workSeconds,uint32 windowSeconds,uint32 windowBlocks,uint32 rescueSeconds,uint96 reserve,bytes32 verifierSet,uint96 verifierFee,uint32 maxOutputBytes,bytes32 outputKey,address callback,uint32 callbackGas,bytes32 nonce,uint64 rules)"
    );

    /// @inheritdoc IVerdicts
    function domainSeparator(address market) public view returns (bytes32) {
        return
            keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, market));
    }

    /// @inheritdoc IVerdicts
    function verdictDigest(address market, bytes32 job, bytes32 submission, Verdict v)
        public
        view
        returns (bytes32)
    {
        return MessageHashUtils.toTypedDataHash(
            domainSeparator(market), keccak256(abi.encode(VERDICT_TYPEHASH, job, submission, v))
        );
    }

    /// @inheritdoc IVerdicts
    function paramsDigest(address market, JobParams calldata p) public view returns (bytes32) {
        // Every member is static and encodes to its own word: the struct hash of EIP-712 is that of abi.encode.
        return MessageHashUtils.toTypedDataHash(
            domainSeparator(market), keccak256(abi.encode(PARAMS_TYPEHASH, p))
        );
    }

    /// @inheritdoc IVerdicts
    function quorum(
        address market,
        bytes32 job,
        bytes32 submission,
        Verdict v,
        address[] calldata set,
        uint8 k,
        bytes[] calldata signatures
    ) external view returns (bool) {
        uint256 n = set.length;
        // 3k >= 2n: two quorums share at least a third of the set, so a split needs that many to sign twice.
        if (n == 0 || n > MAX_SET || signatures.length != n || k > n || 3 * uint256(k) < 2 * n) {
            revert BadSet();
        }
        bytes32 digest = verdictDigest(market, job, submission, v);
        bytes32 other = v == Verdict.Unavailable
            ? verdictDigest(market, job, submission, Verdict.Fail)
            : bytes32(0);
        uint256 count = 0;
        address previous = address(0);
        for (uint256 i = 0; i < n; i++) {
            address signer = set[i];
            if (signer <= previous) revert BadSet();
            previous = signer;
            bytes calldata signature = signatures[i];
            if (signature.length == 0) continue;
            if (
                SignatureChecker.isValidSignatureNowCalldata(signer, digest, signature)
                    || (other != 0
                        && SignatureChecker.isValidSignatureNowCalldata(signer, other, signature))
            ) count++;
        }
        return count >= k;
    }

    /// @inheritdoc IVerdicts
    function signed(address market, address signer, bytes32 structHash, bytes calldata signature)
        external
        view
        returns (bool)
    {
        return SignatureChecker.isValidSignatureNowCalldata(
            signer, MessageHashUtils.toTypedDataHash(domainSeparator(market), structHash), signature
        );
    }
}
