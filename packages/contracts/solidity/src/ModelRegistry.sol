// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IModelRegistry, Model} from "./interfaces/IModelRegistry.sol";
import {EVIDENCE_PROOF, EVIDENCE_TRACE} from "./interfaces/IJobMarket.sol";

/// @title Records of models, by hash of content.
/// @dev Documented in IModelRegistry.
contract ModelRegistry is IModelRegistry {
    uint256 private constant MAX_TENSORS = 8;
    uint256 private constant MAX_ELEMENTS = 0x7fffffff;

    /// The record, and beside its lengths (one slot) the evidence that it can carry: never 0 once registered.
    struct Stored {
        bytes32 programDigest;
        bytes32 relationsRoot;
        bytes32 constantsRoot;
        bytes32 pcsRoot;
        bytes32 pcsOod;
        uint32 relations;
        uint32 constants;
        uint32 inputs;
        uint32 traces;
        uint32 outputs;
        uint8 evidence;
        uint256 inputSizes;
        uint256 outputSizes;
        bytes32 predecessor;
        bytes32 manifest;
    }

    mapping(bytes32 id => Stored) private _models;

    /// @inheritdoc IModelRegistry
    function register(Model calldata model, string[] calldata uris) external returns (bytes32 id) {
        id = keccak256(abi.encode(model));
        if (_models[id].evidence != 0) revert ModelExists(id);
        uint8 evidence = _check(model);
        _models[id] = Stored({
            programDigest: model.programDigest,
            relationsRoot: model.relationsRoot,
            constantsRoot: model.constantsRoot,
            pcsRoot: model.pcsRoot,
            pcsOod: model.pcsOod,
            relations: model.relations,
            constants: model.constants,
            inputs: model.inputs,
            traces: model.traces,
            outputs: model.outputs,
            evidence: evidence,
            inputSizes: model.inputSizes,
            outputSizes: model.outputSizes,
            predecessor: model.predecessor,
            manifest: model.manifest
        });
        emit ModelRegistered(id, msg.sender, model.predecessor, model, uris);
    }

    /// @inheritdoc IModelRegistry
    function get(bytes32 id) external view returns (Model memory) {
        Stored storage m = _models[id];
        if (m.evidence == 0) revert ModelUnknown(id);
        return Model({
            programDigest: m.programDigest,
            relationsRoot: m.relationsRoot,
            constantsRoot: m.constantsRoot,
            pcsRoot: m.pcsRoot,
            pcsOod: m.pcsOod,
            relations: m.relations,
            constants: m.constants,
            inputs: m.inputs,
            traces: m.traces,
            outputs: m.outputs,
            inputSizes: m.inputSizes,
            outputSizes: m.outputSizes,
            predecessor: m.predecessor,
            manifest: m.manifest
        });
    }

    /// @inheritdoc IModelRegistry
    function evidenceOf(bytes32 id) external view returns (uint8) {
        return _models[id].evidence;
    }

    /// @inheritdoc IModelRegistry
    function outputsOf(bytes32 id) external view returns (uint32 outputs, uint256 sizes) {
        Stored storage m = _models[id];
        if (m.evidence == 0) revert ModelUnknown(id);
        return (m.outputs, m.outputSizes);
    }

    /// A record that contradicts itself is refused; whether it is that of a program, nobody here can tell.
    function _check(Model calldata model) private view returns (uint8 evidence) {
        bool derived = model.relationsRoot != 0;
        if (
            model.programDigest == 0 || derived != (model.relations != 0)
                || (model.constantsRoot != 0 && (!derived || model.constants == 0))
                || (model.pcsRoot == 0 && model.pcsOod != 0)
                || (model.predecessor != 0 && _models[model.predecessor].evidence == 0)
                || !_sizesFit(model.inputs, model.inputSizes)
                || !_sizesFit(model.outputs, model.outputSizes)
        ) revert ModelMalformed();
        // A trace without tensors has the root 0, which no submission may have; any other is fraud.
        if (model.constantsRoot != 0 && model.traces != 0) evidence |= EVIDENCE_TRACE;
        if (model.pcsRoot != 0) evidence |= EVIDENCE_PROOF;
        if (evidence == 0) revert ModelMalformed();
    }

    /// 1 to 8 tensors of 1 to 2^31 − 1 elements, and nothing beyond them.
    function _sizesFit(uint256 count, uint256 sizes) private pure returns (bool) {
        if (count == 0 || count > MAX_TENSORS) return false;
        for (uint256 i = 0; i < count; i++) {
            uint256 size = sizes & 0xffffffff;
            if (size == 0 || size > MAX_ELEMENTS) return false;
            sizes >>= 32;
        }
        return sizes == 0;
    }
}
