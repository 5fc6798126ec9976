// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FraudProof, Opening, PaddingProof, RelationRef} from "./Commitments.sol";
import {JobParams, Submission} from "./IJobMarket.sol";

enum Want {
    Nodes,
    Leaf,
    Leaves,
    Output
}

struct LeafRef {
    uint32 tensor;
    uint32 leaf;
}

interface IDisputes {
    struct Challenge {
        bytes32 job;
        address challenger;
        uint96 bond;
        bool providersTurn;
        uint40 due;
        uint64 dueBlock;
        Want want;
        uint8 depthLeft;
        bool inTensor;
        uint32 position;
        uint32 tensor;
        bytes32 node;
    }
    event Committed(bytes32 indexed commitment, address indexed by);
    event Opened(
        bytes32 indexed challenge, bytes32 indexed job, address indexed challenger, Want want
    );
    event Asked(
        bytes32 indexed challenge, Want want, uint32 tensor, uint32 position, LeafRef[] leaves
    );
    event AnsweredNodes(bytes32 indexed challenge, bytes32[] nodes);
    event AnsweredLeaves(bytes32 indexed challenge, Opening[] openings);
    event AnsweredOutput(bytes32 indexed challenge, uint32 first, bytes data);
    event Closed(
        bytes32 indexed challenge,
        bool upheld,
        uint96 toChallenger,
        uint96 toProvider,
        uint96 burned
    );
    error NotYourTurn();
    error ClockRunning();
    error ClockOver();
    error CommitmentMissing();
    error CommitmentYoung();
    error RelationHolds();
    error AnswerRejected();
    error WindowOver();

    /// H(abi.encode(chainid, this, msg.sender, job, submission hash, H(abi.encode(proof)), salt)); revealable from the next block on.
    function commit(bytes32 commitment) external;
    function proveFraud(
        JobParams calldata p,
        Submission calldata s,
        FraudProof calldata proof,
        bytes32 salt
    ) external;
    function provePadding(
        JobParams calldata p,
        Submission calldata s,
        PaddingProof calldata proof,
        bytes32 salt
    ) external;

    function open(JobParams calldata p, Submission calldata s) external returns (bytes32 challenge); // at the trace root; bond
    function answerNodes(bytes32 challenge, bytes32[] calldata nodes) external; // all 2^min(6, depthLeft) descendants
    function descend(bytes32 challenge, uint8 child, bytes32 node, bytes32[] calldata path) external; // challenger
    function enterTensor(bytes32 challenge, RelationRef calldata mention, uint8 slot) external; // fixes the depth below a tensor root
    function answerLeaf(bytes32 challenge, bytes calldata leaf) external;
    function askLeaves(bytes32 challenge, LeafRef[] calldata leaves) external; // at most 3 times, <= 64 leaves each, bond added per leaf: the rest of the group
    function answerLeaves(bytes32 challenge, Opening[] calldata openings) external;
    function openOutput(JobParams calldata p, Submission calldata s)
        external
        returns (bytes32 challenge); // requester: output withheld
    function answerOutput(bytes32 challenge, uint32 first, bytes calldata data) external;
    function timeout(bytes32 challenge) external; // anyone: the silent side loses
    function close(bytes32 challenge) external; // anyone, once the job has left Submitted by another's proof: bond back
    function challengeOf(bytes32 challenge) external view returns (Challenge memory);
}
