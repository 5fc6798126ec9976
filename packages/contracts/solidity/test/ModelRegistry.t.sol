// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ModelRegistry} from "../src/ModelRegistry.sol";
import {IModelRegistry, Model} from "../src/interfaces/IModelRegistry.sol";
import {Cheats, vm} from "./Cheats.sol";

contract ModelRegistryTest is Cheats {
    ModelRegistry private models = new ModelRegistry();

    function _model() private pure returns (Model memory m) {
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
        m.outputSizes = 10 | (1 << 32);
        m.manifest = keccak256("manifest");
    }

    function _register(Model memory m) private returns (bytes32) {
        return models.register(m, new string[](0));
    }

    function test_Register() public {
        Model memory m = _model();
        string[] memory uris = new string[](1);
        uris[0] = "http://example.org/model";
        bytes32 id = keccak256(abi.encode(m));
        vm.expectEmit();
        emit IModelRegistry.ModelRegistered(id, address(this), 0, m, uris);
        assertEq(models.register(m, uris), id, "id");
        assertEq(keccak256(abi.encode(models.get(id))), id, "record");
        assertEq(models.evidenceOf(id), 3, "evidence");
        (uint32 outputs, uint256 sizes) = models.outputsOf(id);
        assertEq(outputs, 2, "outputs");
        assertEq(sizes, m.outputSizes, "sizes");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelExists.selector, id));
        models.register(m, uris);
        // The successor names it.
        m.predecessor = id;
        _register(m);
    }

    function test_Unknown() public {
        bytes32 id = keccak256("unknown");
        assertEq(models.evidenceOf(id), 0, "none");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelUnknown.selector, id));
        models.get(id);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelUnknown.selector, id));
        models.outputsOf(id);
    }

    function test_EvidenceOfARecord() public {
        Model memory m = _model();
        m.constantsRoot = 0;
        assertEq(models.evidenceOf(_register(m)), 2, "hidden weights: proof only");
        (m.relationsRoot, m.relations, m.constants) = (0, 0, 0);
        assertEq(models.evidenceOf(_register(m)), 2, "no trace: proof only");
        m = _model();
        (m.pcsRoot, m.pcsOod) = (0, 0);
        assertEq(models.evidenceOf(_register(m)), 1, "no key: trace only");
        m.constantsRoot = 0;
        _malformed(m);
        // A trace without tensors has the root 0, which no submission may have.
        m = _model();
        m.traces = 0;
        assertEq(models.evidenceOf(_register(m)), 2, "no trace tensors: proof only");
    }

    function _malformed(Model memory m) private {
        vm.expectRevert(IModelRegistry.ModelMalformed.selector);
        _register(m);
    }

    // Incomplete, contradictory or mixed records.
    function test_Malformed() public {
        Model memory m = _model();
        m.programDigest = 0;
        _malformed(m);
        m = _model();
        m.relationsRoot = 0;
        _malformed(m);
        m = _model();
        m.relations = 0;
        _malformed(m);
        m = _model();
        m.constants = 0;
        _malformed(m);
        m = _model();
        (m.relationsRoot, m.relations) = (0, 0);
        _malformed(m);
        m = _model();
        m.pcsRoot = 0;
        _malformed(m);
        m = _model();
        m.predecessor = keccak256("unknown");
        _malformed(m);
        m = _model();
        m.inputs = 0;
        _malformed(m);
        m = _model();
        m.outputs = 0;
        _malformed(m);
        m = _model();
        m.outputs = 3;
        _malformed(m);
        m = _model();
        m.outputs = 1;
        _malformed(m);
        m = _model();
        m.outputs = 9;
        _malformed(m);
        m = _model();
        m.outputSizes = 10 | (uint256(0x80000000) << 32);
        _malformed(m);
        m = _model();
        m.inputSizes = 0;
        _malformed(m);
    }

    function test_EightTensors() public {
        Model memory m = _model();
        m.outputs = 8;
        m.outputSizes = 0;
        for (uint256 i = 0; i < 8; i++) {
            m.outputSizes |= (i + 1) << (32 * i);
        }
        _register(m);
    }

    function testFuzz_IdIsTheContent(Model memory m, uint256 a, uint256 b) public {
        (m.inputs, m.inputSizes) = (1, bound(a, 1, 1000));
        (m.outputs, m.outputSizes) = (1, bound(b, 1, 1000));
        (m.predecessor, m.relations, m.constants) = (0, m.relations | 1, m.constants | 1);
        vm.assume(m.programDigest != 0 && m.relationsRoot != 0 && m.pcsRoot != 0);
        bytes32 id = _register(m);
        assertEq(id, keccak256(abi.encode(m)), "id");
        assertEq(keccak256(abi.encode(models.get(id))), id, "record");
    }
}
