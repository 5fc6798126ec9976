// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

struct Model {
    bytes32 programDigest; // canonical encoding of the program, weights excluded
    bytes32 relationsRoot; // derived from the program by `program/`
    bytes32 constantsRoot; // weights, biases, tables, masks; 0: hidden weights, no trace evidence
    bytes32 pcsRoot; // 0: no zk evidence
    bytes32 pcsOod;
    uint32 relations;
    uint32 constants;
    uint32 inputs;
    uint32 traces;
    uint32 outputs;
    uint256 inputSizes; // elements of each tensor, u32 each, the first in the lowest bits: at most 8
    uint256 outputSizes;
    bytes32 predecessor; // sha-256 of name, URIs, sizes, licence
    bytes32 manifest;
}

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
    /// id = H(abi.encode(model)): the same content has one id whoever registers it. Nothing is vouched for:
    /// every node derives the record itself before it uses it.
    function register(Model calldata model, string[] calldata uris) external returns (bytes32 id);
    function get(bytes32 id) external view returns (Model memory);
}

