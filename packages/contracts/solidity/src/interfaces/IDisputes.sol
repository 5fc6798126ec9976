// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FraudProof, List, Opening, PaddingProof, RelationRef} from "./Commitments.sol";
import {JobParams, Submission} from "./IJobMarket.sol";
import {Model} from "./IModelRegistry.sol";

/// What a dispute is about: a job, its submission, its model's record. Each is checked by its hash: the job's
/// id, the submission that the market keeps for it, `params.modelId`. The record costs 6 k gas as calldata,
/// 29 k read from the registry.
struct Case {
    JobParams params;
    Submission submission;
    Model model;
}

/// The move a challenge waits for. The provider's: AnswerNodes, AnswerLeaf, AnswerLeaves, AnswerOutput.
enum Move {
    AnswerNodes,
    Descend,
    EnterTensor,
    AnswerLeaf,
    AskLeaves,
    AnswerLeaves,
    AnswerOutput
}

/// A data challenge. Only its hash is stored, H(abi.encode(challenge)); every move is called with the state
/// that the `Moved` event of the move before it has shown. Answers live in events anyway, so whoever plays
/// follows events; one slot instead of five makes opening and each move cheaper by more than this calldata.
struct Challenge {
    bytes32 job;
    address challenger;
    address provider;
    // Of the model and the submission.
    bytes32 relations;
    uint32 relationCount;
    bytes32 traceRoot;
    bytes32 outputRoot;
    uint32 traces;
    uint32 outputs;
    // Of the rules that the job was posted under.
    uint96 unit; // bond of opening; a leaf that is asked for adds 1/32 of it
    uint32 turnSeconds;
    uint32 turnBlocks;
    uint16 forfeitBurnBps;
    // What moves.
    uint96 bond;
    Move next;
    uint40 due; // the turn is over when both `due` and `dueBlock` have passed
    uint64 dueBlock;
    List list; // Trace or Output
    bool inTensor;
    uint32 tensor;
    uint32 elements; // of the tensor; AnswerOutput: of the chunk
    uint8 depthLeft; // levels below `node`; AnswerOutput: of the tensor
    uint32 position; // of `node` in its level of the list's or the tensor's tree; AnswerOutput: the chunk
    bytes32 node;
    uint8 asks;
    bytes32 asked; // AnswerLeaves: see `Asked`
}

/// Leaves of the tensor that relation `mentions[mention]` mentions at `slot`.
struct LeafRequest {
    uint8 mention;
    uint8 slot;
    uint32[] leaves; // strictly increasing
}

/// The same, resolved.
struct LeafWant {
    List list;
    uint32 tensor;
    uint8 depth;
    uint32[] leaves;
}

/// @title Fraud proofs by commit and reveal, and data challenges.
/// @notice A fraud proof ends a job at once and needs no bond. A data challenge makes a provider that serves no
///   data put it on chain: bonded moves in turn, from the root of a list down to leaves. The silent side loses.
///   Challenges of a job run side by side: none delays another or a fraud proof, and they are opened within the
///   job's window only. Each step pays its own gas.
/// @dev Money: bonds are taken from and paid to balances inside the market (`deposit` there first), which keeps their
///   sum; this contract holds no token.
interface IDisputes {
    /// `by` is who recorded it; a second record of the same hash changes nothing, so none can make it young again.
    event Committed(bytes32 indexed commitment, address indexed by);
    event Opened(
        bytes32 indexed challenge,
        bytes32 indexed job,
        address indexed challenger,
        address provider,
        List list,
        uint96 bond
    );
    /// After every move, `open` and `openOutput` included: the state to call the next move with.
    event Moved(bytes32 indexed challenge, Challenge state);
    /// `state.asked` of them: fold of H(abi.encode(asked, list, tensor, depth, H(abi.encodePacked(leaves)))) from 0.
    event Asked(bytes32 indexed challenge, LeafWant[] leaves);
    event AnsweredNodes(bytes32 indexed challenge, bytes32[] nodes);
    event AnsweredLeaf(bytes32 indexed challenge, bytes leaf);
    event AnsweredLeaves(bytes32 indexed challenge, Opening[] openings);
    event AnsweredOutput(bytes32 indexed challenge, uint32 tensor, uint32 first, bytes data);
    /// `upheld`: the provider was silent, and the market has the fault. The three sums are the bond.
    event Closed(
        bytes32 indexed challenge,
        bytes32 indexed job,
        bool upheld,
        uint96 toChallenger,
        uint96 toProvider,
        uint96 burned
    );

    error NotYourTurn();
    /// The turn is not over, or the job still waits for this challenge.
    error ClockRunning();
    error ClockOver();
    error CommitmentMissing();
    error CommitmentYoung();
    error RelationHolds();
    error AnswerRejected();
    /// Another move is next.
    error WrongMove(Move next);
    /// No open challenge has this state.
    error UnknownChallenge(bytes32 challenge);
    error ChallengeExists(bytes32 challenge);
    /// Parameters, submission or model are not the job's, or the job is not Submitted.
    error NotTheCase();
    /// The evidence has no trace, the list or the output has nothing to answer, or the output is on chain already.
    error NothingToAsk();
    /// A child, tensor, leaf or number of leaves that does not exist or may not be asked for.
    error RequestRejected();
    /// The job has ended: `close`.
    error JobEnded();
    /// The market names another disputes contract.
    error BrokenLink();

    /// Records a commitment. Revealable from the next block on, by its sender alone, as long as the job is Submitted.
    /// @param commitment H(abi.encode(chainid, this, msg.sender, job, H(abi.encode(submission)),
    ///   H(abi.encode(proof)), salt)).
    function commit(bytes32 commitment) external;

    /// Ends the job by one instance of one relation that does not hold. A proof that shows nothing reverts.
    function proveFraud(Case calldata c, FraudProof calldata proof, bytes32 salt) external;

    /// Ends the job by padding that is not canonical.
    function provePadding(Case calldata c, PaddingProof calldata proof, bytes32 salt) external;

    /// Challenges the provider to show the tree of a list of its submission, Trace or Output.
    /// Anyone, within the window (else the market's TooLate), trace evidence. Bond: the rules' `challengeBond`.
    /// A list of one tensor begins with `enterTensor`, the challenger's move.
    /// @param nonce Tells apart the challenges of one challenger.
    /// @return challenge H(abi.encode(chainid, this, job, H(abi.encode(submission)), challenger, list, nonce)).
    function open(Case calldata c, List list, bytes32 nonce) external returns (bytes32 challenge);

    /// Shows all 2^min(6, depthLeft) descendants of the node that many levels down. Anyone may answer for the provider.
    function answerNodes(bytes32 challenge, Challenge calldata state, bytes32[] calldata nodes)
        external;

    /// Chooses one of them. Challenger.
    /// @param child Which. @param node Its hash. @param path Its siblings up to the node that was expanded.
    function descend(
        bytes32 challenge,
        Challenge calldata state,
        uint8 child,
        bytes32 node,
        bytes32[] calldata path
    ) external;

    /// Enters the tensor that `descend` has reached. Its depth is that of a relation that mentions it, never
    /// the provider's word. Challenger. A position beyond the list's length has no tensor: its root is 0 or
    /// `provePadding` follows.
    function enterTensor(
        bytes32 challenge,
        Challenge calldata state,
        RelationRef calldata mention,
        uint8 slot
    ) external;

    /// Shows the leaf that the descent has reached, 128 bytes. Anyone may answer for the provider.
    function answerLeaf(bytes32 challenge, Challenge calldata state, bytes calldata leaf) external;

    /// Asks for the rest of a definition group: 1..64 leaves, at most three times, of any tensors of Trace
    /// and Output, each named by a relation that mentions it. Challenger. Adds unit/32 per leaf to the bond.
    function askLeaves(
        bytes32 challenge,
        Challenge calldata state,
        RelationRef[] calldata mentions,
        LeafRequest[] calldata requests
    ) external;

    /// Shows them, opened. Anyone may answer for the provider.
    /// @param depths Of the tensors, as asked.
    function answerLeaves(
        bytes32 challenge,
        Challenge calldata state,
        uint8[] calldata depths,
        Opening[] calldata openings
    ) external;

    /// Demands a piece of a public output that was withheld: chunk number `chunk`, of 8,192 elements, of one
    /// tensor. Requester, within the window, outputs above 4 KiB (smaller ones are in the submission) and up
    /// to `maxOutputBytes`. Bond: unit + unit/128 per leaf. The answer ends it and earns unit/2816 per leaf; the
    /// rest of the bond goes back. Nobody can tell a provider that serves its output nowhere else from a requester
    /// that has it already, and each side's loss is the other's gain in griefing: so each bears half of the gas.
    function openOutput(Case calldata c, uint8 tensor, uint32 chunk, bytes32 nonce)
        external
        returns (bytes32 challenge);

    /// Shows the piece: its elements, and the path of its subtree through the tensor and the list.
    function answerOutput(
        bytes32 challenge,
        Challenge calldata state,
        bytes calldata data,
        bytes32[] calldata path
    ) external;

    /// Ends a challenge whose turn is over. Anyone. Silent provider: the fault goes to the market, the bond
    /// back. Silent challenger: the bond is lost.
    function timeout(
        bytes32 challenge,
        Challenge calldata state,
        JobParams calldata p,
        Submission calldata s
    ) external;

    /// Ends a challenge of a job that has left Submitted otherwise: bond back, whoever's turn it is. Anyone.
    function close(bytes32 challenge, Challenge calldata state) external;

    /// H(abi.encode(state)); 0: never opened; 1: closed.
    function challengeOf(bytes32 challenge) external view returns (bytes32);

    /// Block of a commitment, 0: none.
    function committedAt(bytes32 commitment) external view returns (uint256);
}
