// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {List, Opening, PaddingProof} from "../../src/interfaces/Commitments.sol";
import {Case} from "../../src/interfaces/IDisputes.sol";
import {EVIDENCE_PROOF, IJobMarket, JobParams} from "../../src/interfaces/IJobMarket.sol";
import {Model} from "../../src/interfaces/IModelRegistry.sol";
import {vm} from "../Cheats.sol";
import {Toy} from "../support/Toy.sol";
import {World} from "../support/World.sol";

/// A model whose outputs follow from its inputs at once, so that its trace has no tensors: the root of an
/// empty list is 0, which no submission may have, and every other root is that of a list with padding that
/// is not canonical. Whoever locked such a job would be slashed for it.
contract NoTraceTest is World {
    function setUp() public {
        _deploy();
        n = 8;
    }

    function testAModelWithoutTraceTensorsHasNoTraceEvidence() public {
        Model memory model = Toy.model(n, 1);
        model.traces = 0;
        bytes32 modelId = models.register(model, new string[](0));
        assertEq(models.evidenceOf(modelId), EVIDENCE_PROOF, "evidence");
        JobParams memory p = _params(1, modelId);
        vm.prank(requester);
        vm.expectRevert(IJobMarket.EvidenceNotOffered.selector);
        market.post(p, "");
    }

    /// The attack that this prevents.
    function testAnEmptyTraceCannotBeSlashedForItsPadding() public {
        Model memory model = Toy.model(n, 1);
        model.traces = 0;
        bytes32 modelId = models.register(model, new string[](0));
        if (models.evidenceOf(modelId) & 1 == 0) return;
        Case memory c = _submit(_params(1, modelId), model, keccak256("none"), new bytes(4 * n));
        PaddingProof memory proof;
        Opening memory opening;
        opening.list = List.Trace;
        opening.root = keccak256("none");
        proof.opening = opening;
        vm.prank(challenger);
        disputes.commit(
            keccak256(
                abi.encode(
                    block.chainid,
                    address(disputes),
                    challenger,
                    c.submission.job,
                    keccak256(abi.encode(c.submission)),
                    keccak256(abi.encode(proof)),
                    bytes32(0)
                )
            )
        );
        _pass(1, 1);
        vm.prank(challenger);
        vm.expectRevert();
        disputes.provePadding(c, proof, 0);
    }
}
