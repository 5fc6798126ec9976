// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Model} from "./IModelRegistry.sol";

/// Later: the court of appeal of proof evidence. Overrides verdicts while the job is Submitted.
interface IReceiptVerifier {
    function verify(
        Model calldata model,
        bytes32 inputRoot,
        bytes32 outputRoot,
        bytes calldata proof
    ) external view returns (bool);
}

