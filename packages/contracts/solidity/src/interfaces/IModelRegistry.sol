// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev One record per static shape. Lengths are those of the lists in Commitments.sol.
struct Model {
    /// Canonical encoding of the program, weights excluded.
    bytes32 programDigest;
    /// Derived from the program by `program/`; 0: no trace evidence.
    bytes32 relationsRoot;
    /// Weights, biases, tables, masks; 0: hidden weights, no trace evidence.
    bytes32 constantsRoot;
    /// 0: no zk evidence.
    bytes32 pcsRoot;
    bytes32 pcsOod;
    uint32 relations;
    uint32 constants;
    uint32 inputs;
    uint32 traces;
    uint32 outputs;
    /// Elements of each tensor, u32 each, the first in the lowest bits: at most 8.
    uint256 inputSizes;
    uint256 outputSizes;
    /// Id of the record that this one replaces, or 0.
    bytes32 predecessor;
    /// sha-256 of name, URIs, sizes, licence.
    bytes32 manifest;
}

/// @title Immutable records of models.
/// @notice id = H(abi.encode(model)): the same content has one id whoever registers it. Nothing is vouched for:
/// every node derives the record itself before it uses it.
interface IModelRegistry {
    event ModelRegistered(
        bytes32 indexed id,
        address indexed registrant,
        bytes32 indexed predecessor,
        Model model,
        string[] uris
    );
    error ModelExists(bytes32 id);
    error ModelUnknown(bytes32 id);
    error ModelMalformed();

    /// @notice Anyone. A record that contradicts itself, or that can carry no evidence, is malformed.
    function register(Model calldata model, string[] calldata uris) external returns (bytes32 id);
    /// @notice Reverts ModelUnknown.
    function get(bytes32 id) external view returns (Model memory);
    /// @notice Evidence bits that the record can carry; 0: unknown.
    function evidenceOf(bytes32 id) external view returns (uint8);
    /// @notice Number of output tensors and their sizes, packed as in the record.
    function outputsOf(bytes32 id) external view returns (uint32 outputs, uint256 sizes);
}
