// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface IAssayConsumer {
    function onResult(
        bytes32 job,
        bytes32 modelId,
        bytes32 inputRoot,
        bytes32 outputRoot,
        bytes calldata output
    ) external;
}
