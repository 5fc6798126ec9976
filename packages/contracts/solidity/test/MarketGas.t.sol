// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FraudProof, Kind, List, Opening, RelationRef} from "../src/interfaces/Commitments.sol";
import {Case, LeafRequest, Move} from "../src/interfaces/IDisputes.sol";
import {EVIDENCE_PROOF, JobParams, Submission} from "../src/interfaces/IJobMarket.sol";
import {Model} from "../src/interfaces/IModelRegistry.sol";
import {Trees} from "../src/lib/Trees.sol";
import {Vm, vm} from "./Cheats.sol";
import {Forest} from "./support/Forest.sol";
import {Play} from "./support/Play.sol";
import {Grove, Toy} from "./support/Toy.sol";

/// Gas of each call as a transaction of its own (calldata and the 21,000 included, refunds taken off), and the
/// storage slots that it fills which were empty. `limit` is the design's target where it has one. Balances exist, as they do for whoever is in business.
contract MarketGasTest is Play {
    Model private model;
    Case private current;

    function setUp() public {
        _deploy();
        model = _model(70 * 32, 66);
        (Grove memory g, bytes memory y) = _run(1);
        // Everyone has been paid, slashed, burned and bonded before.
        Case memory c = _submit(_params(9, keccak256(abi.encode(model))), model, Toy.root(g), y);
        market.burn();
        _open(c, List.Trace, "always open");
        c = _submit(_params(8, keccak256(abi.encode(model))), model, "garbage", y);
        _open(c, List.Trace, 0);
        _pass(101, 11);
        disputes.timeout(id, x, c.params, c.submission);
        c = _submit(_params(7, keccak256(abi.encode(model))), model, Toy.root(g), y);
        _pass(101, 11);
        market.finalize(c.submission.job);
        current = _submit(_params(1, keccak256(abi.encode(model))), model, Toy.root(g), y);
    }

    /// Recording what is written makes a call part of the test's own transaction: without its 21,000, and with warm
    /// slots. So gas and slots are measured in runs of their own.
    bool internal _records;

    function _begin() private {
        if (_records) vm.startStateDiffRecording();
    }

    /// Of the call just made.
    function _end(string memory name, uint256 limit) private {
        if (_records) return _slots(name, vm.stopAndReturnStateDiff());
        uint256 used = vm.snapshotGasLastCall("market", name);
        vm.snapshotValue("market", string.concat(name, ", target"), limit);
        require(used <= limit, string.concat(name, ": gas ", vm.toString(used)));
    }

    function _slots(string memory name, Vm.AccountAccess[] memory accesses) private {
        uint256 filled = 0;
        bytes32[] memory keys = new bytes32[](256);
        uint256 seen = 0;
        for (uint256 i = 0; i < accesses.length; i++) {
            Vm.StorageAccess[] memory s = accesses[i].storageAccesses;
            for (uint256 k = 0; k < s.length; k++) {
                if (!s[k].isWrite || s[k].reverted) continue;
                bytes32 key = keccak256(abi.encode(s[k].account, s[k].slot));
                bool known = false;
                for (uint256 j = 0; j < seen; j++) {
                    if (keys[j] == key) known = true;
                }
                if (known) continue;
                keys[seen++] = key;
                if (s[k].previousValue == 0 && s[k].newValue != 0) filled++;
            }
        }
        vm.snapshotValue("market", string.concat(name, ", new slots"), filled);
    }

    function test_gas_money() public {
        vm.prank(requester);
        _begin();
        market.deposit(5e6);
        _end("deposit", 300_000);
        vm.prank(requester);
        _begin();
        market.withdraw(requester, 5e6);
        _end("withdraw", 300_000);
        vm.prank(provider);
        _begin();
        providers.stake(5e6);
        _end("stake", 300_000);
        Model memory next = Toy.model(70, 3);
        _begin();
        models.register(next, new string[](0));
        _end("register", 400_000);
    }

    function test_gas_job() public {
        JobParams memory p = _params(2, keccak256(abi.encode(model)));
        (Grove memory g,) = _run(1);
        vm.prank(requester);
        _begin();
        market.post(p, "");
        _end("post, from balance", 160_000);
        vm.prank(provider);
        _begin();
        market.lock(p);
        _end("lock", 100_000);
        Submission memory s = current.submission;
        s.job = market.jobId(p);
        s.traceRoot = Toy.root(g);
        vm.prank(provider);
        _begin();
        market.submit(p, s, "", "https://provider.example/artefacts");
        _end("submit", 120_000);
        _pass(91, 9);
        _begin();
        market.finalize(s.job);
        _end("finalize", 90_000);
        uint256 balance = market.balanceOf(requester);
        vm.prank(requester);
        market.withdraw(requester, balance);
        p.nonce = "pulled";
        vm.prank(requester);
        _begin();
        market.post(p, "");
        _end("post, pulled", 160_000);
    }

    function test_gas_submit4KiB() public {
        model = _model(1024, 1);
        JobParams memory p = _params(3, keccak256(abi.encode(model)));
        (Grove memory g, bytes memory y) = _run(1);
        vm.prank(requester);
        bytes32 job = market.post(p, "");
        vm.prank(provider);
        market.lock(p);
        Submission memory s = current.submission;
        s.job = job;
        s.traceRoot = s.outputRoot = Toy.root(g);
        vm.prank(provider);
        _begin();
        market.submit(p, s, y, "https://provider.example/artefacts");
        _end("submit, 4 KiB", 120_000 + 4 * 26_000);
    }

    /// 32 KiB of an output that was served nowhere: the largest piece that is demanded at once.
    function test_gas_output() public {
        model = _model(256 * 32, 1);
        JobParams memory p = _params(3, keccak256(abi.encode(model)));
        (Grove memory g, bytes memory y) = _run(1);
        current = _submit(p, model, Toy.root(g), y);
        vm.prank(requester);
        vm.recordLogs();
        _begin();
        disputes.openOutput(current, 0, 0, 0);
        _end("openOutput", 120_000);
        _follow();
        _begin();
        disputes.answerOutput(id, x, y, new bytes32[](0));
        _end("answerOutput, 32 KiB", 1_650_000);
    }

    function test_gas_finalizeMany() public {
        (Grove memory g, bytes memory y) = _run(1);
        bytes32[] memory jobs = new bytes32[](100);
        bytes32 root = Toy.root(g);
        for (uint256 i = 0; i < 100; i++) {
            jobs[i] =
            _submit(_params(100 + i, keccak256(abi.encode(model))), model, root, y).submission.job;
        }
        _pass(91, 9);
        _begin();
        market.finalizeMany(jobs);
        _end("finalizeMany, 100", 100 * 20_000);
    }

    function test_gas_accept() public {
        (, bytes memory y) = _run(1);
        JobParams memory p = _params(4, keccak256(abi.encode(model)));
        p.evidence = EVIDENCE_PROOF;
        bytes32 job = _submit(p, model, 0, y).submission.job;
        vm.prank(requester);
        _begin();
        market.accept(job);
        _end("accept", 90_000);
    }

    function test_gas_fraud() public {
        (Grove memory g, bytes memory y) = _wrong(5, 7);
        Case memory c = _submit(_params(5, keccak256(abi.encode(model))), model, Toy.root(g), y);
        FraudProof memory proof;
        proof.relation = Toy.refer(n, m, 0);
        proof.element = 7;
        proof.openings = new Opening[](3);
        proof.openings[0] = Toy.opening(g, List.Trace, 0, _one(0));
        proof.openings[1] = Toy.opening(Toy.grove(Toy.input(n, 5)), List.Input, 0, _one(0));
        proof.openings[2] = Toy.opening(Toy.grove(Toy.weights(n)), List.Constant, 0, _one(0));
        bytes32 commitment = keccak256(
            abi.encode(
                block.chainid,
                address(disputes),
                challenger,
                c.submission.job,
                keccak256(abi.encode(c.submission)),
                keccak256(abi.encode(proof)),
                bytes32("salt")
            )
        );
        vm.prank(challenger);
        _begin();
        disputes.commit(commitment);
        _end("commit", 60_000);
        _pass(0, 1);
        vm.prank(challenger);
        _begin();
        disputes.proveFraud(c, proof, "salt");
        _end("proveFraud, linear", 300_000);
    }

    /// 66 tensors, 70 leaves.
    function test_gas_challenge() public {
        (Grove memory g,) = _run(1);
        vm.prank(challenger);
        vm.recordLogs();
        _begin();
        disputes.open(current, List.Trace, 0);
        _end("open", 120_000);
        _follow();
        _gasNodes(g, "answerNodes, 64", 130_000);
        _gasDescend(g, 0, "descend");
        _answerNodes(g);
        _descend(g, 0);
        RelationRef memory r = Toy.refer(n, m, 0);
        vm.prank(challenger);
        vm.recordLogs();
        _begin();
        disputes.enterTensor(id, x, r, 0);
        _end("enterTensor", 100_000);
        _follow();
        _reachLeaf(g, 69);
        bytes memory leaf = Forest.leafOf(g.values[0], 69);
        vm.recordLogs();
        _begin();
        disputes.answerLeaf(id, x, leaf);
        _end("answerLeaf", 60_000);
        _follow();
        _pass(101, 11);
        _begin();
        disputes.timeout(id, x, current.params, current.submission);
        _end("timeout, lost", 130_000);
    }

    function _gasNodes(Grove memory g, string memory name, uint256 limit) private {
        bytes32[] memory nodes = _nodes(g);
        vm.recordLogs();
        _begin();
        disputes.answerNodes(id, x, nodes);
        _end(name, limit);
        _follow();
    }

    function _gasDescend(Grove memory g, uint256 target, string memory name) private {
        uint256 level = x.depthLeft - 6;
        bytes32[] memory path = Forest.path(g.list, level, target >> level, 6);
        bytes32 node = g.list[level][target >> level];
        vm.prank(challenger);
        vm.recordLogs();
        _begin();
        disputes.descend(id, x, uint8((target >> level) % 64), node, path);
        _end(name, 60_000);
        _follow();
    }

    function test_gas_timeout_upheld() public {
        vm.prank(challenger);
        vm.recordLogs();
        disputes.open(current, List.Trace, 0);
        _follow();
        _pass(101, 11);
        _begin();
        disputes.timeout(id, x, current.params, current.submission);
        _end("timeout, upheld", 300_000);
    }

    /// 64 leaves far from each other in a tree of 2^20: nothing is shared below the highest six levels.
    function test_gas_leaves() public {
        (uint32[] memory leaves, bytes memory data, bytes32[] memory siblings, bytes32 root) =
            _scattered();
        RelationRef memory r;
        r.kind = Kind.Linear;
        r.body = bytes.concat(
            Toy.shape(2 ** 25), Toy.head(1), Toy.term(1, Toy.along(List.Trace, 0, 2 ** 25))
        );
        r.path = new bytes32[](7);
        Model memory large = model;
        large.relations = 100;
        large.relationsRoot =
            _above(keccak256(abi.encodePacked(bytes1(0x01), uint8(r.kind), r.body)), r.path);
        Opening memory o;
        o.list = List.Trace;
        (o.root, o.leaves, o.data, o.siblings) = (root, leaves, data, siblings);
        o.path = new bytes32[](7);
        bytes32 list = _above(root, o.path);
        models.register(large, new string[](0));
        JobParams memory p = _params(6, keccak256(abi.encode(large)));
        p.maxOutputBytes = 0;
        (, bytes memory y) = _run(1);
        current = _submit(p, large, list, y);
        _askScattered(r, o);
    }

    function _askScattered(RelationRef memory r, Opening memory o) private {
        _open(current, List.Trace, 0);
        // Down the list and the tensor, along the first leaf.
        x.next = Move.AskLeaves;
        vm.store(address(disputes), keccak256(abi.encode(id, uint256(1))), keccak256(abi.encode(x)));
        RelationRef[] memory mentions = new RelationRef[](1);
        mentions[0] = r;
        LeafRequest[] memory requests = new LeafRequest[](1);
        requests[0] = LeafRequest(0, 0, o.leaves);
        vm.prank(challenger);
        vm.recordLogs();
        _begin();
        disputes.askLeaves(id, x, mentions, requests);
        _end("askLeaves, 64", 200_000);
        _follow();
        _answerScattered(o);
    }

    function _answerScattered(Opening memory o) private {
        uint8[] memory depths = new uint8[](1);
        depths[0] = 20;
        Opening[] memory openings = new Opening[](1);
        openings[0] = o;
        vm.recordLogs();
        _begin();
        disputes.answerLeaves(id, x, depths, openings);
        _end("answerLeaves, 64 of 2^20", 1_500_000);
        _follow();
    }

    function _above(bytes32 h, bytes32[] memory path) private pure returns (bytes32) {
        for (uint256 k = 0; k < path.length; k++) {
            path[k] = keccak256(abi.encode("sibling", k));
            h = Trees.node(h, path[k]);
        }
        return h;
    }

    function _scattered()
        private
        pure
        returns (uint32[] memory leaves, bytes memory data, bytes32[] memory siblings, bytes32 root)
    {
        leaves = new uint32[](64);
        data = new bytes(64 * 128);
        siblings = new bytes32[](64 * 14);
        bytes32[] memory nodes = new bytes32[](64);
        for (uint256 i = 0; i < 64; i++) {
            leaves[i] = uint32((i << 14) + (i * 2654435761) % (1 << 14));
            bytes memory leaf = new bytes(128);
            for (uint256 k = 0; k < 32; k++) {
                Toy.set(leaf, k, int32(int256((i * 31 + k * 17) % 256)) - 128);
                Toy.set(data, 32 * i + k, Toy.get(leaf, k));
            }
            nodes[i] = keccak256(leaf);
            for (uint256 d = 0; d < 14; d++) {
                bytes32 s = keccak256(abi.encode(i, d));
                siblings[64 * d + i] = s;
                nodes[i] =
                    (leaves[i] >> d) % 2 == 0 ? Trees.node(nodes[i], s) : Trees.node(s, nodes[i]);
            }
        }
        root = Forest.root(Forest.list(nodes));
    }
}

/// The slots of the same calls.
contract MarketSlotsTest is MarketGasTest {
    constructor() {
        _records = true;
    }
}
