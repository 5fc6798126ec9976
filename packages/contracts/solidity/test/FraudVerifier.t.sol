// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FraudVerifier} from "../src/FraudVerifier.sol";
import {
    FraudProof,
    Kind,
    List,
    Lists,
    Opening,
    RelationRef
} from "../src/interfaces/Commitments.sol";
import {IFraudVerifier} from "../src/interfaces/IFraudVerifier.sol";
import {Trees} from "../src/lib/Trees.sol";
import {vm} from "./Cheats.sol";
import {Body, TraceKit} from "./support/TraceKit.sol";

/// Every kind by hand-made vectors, and everything that must revert. test/fraud-verifier.test.ts compares the
/// contract with the reference on random ones.
contract FraudVerifierTest is TraceKit {
    FraudVerifier private _verifier = new FraudVerifier();

    List private constant C = List.Constant;
    List private constant T = List.Trace;
    int64 private constant MOST = 2 ** 53 - 1;

    // ── Kinds ────────────────────────────────────────────────────────────────────────────────────

    function testLinear() public {
        // 2 a(i) − b(5 − i) + 3 = 0 over i < 6, at i = 4.
        declare(T, 0, 6);
        declare(T, 1, 6);
        set(T, 0, 4, -10);
        set(T, 1, 1, -17);
        read(T, 0, 4);
        read(T, 1, 1);
        bytes memory body = _two(6, 3, 2, Body.axis(0), -1, Body.affine(5, 0, -1));
        _expect(false, Kind.Linear, body, 4);
        set(T, 1, 1, -16);
        _expect(true, Kind.Linear, body, 4);
    }

    function testOutsideReadsZero() public {
        // a(i − 2) + b(i + 5) over i < 6: at 0 the first is outside, at 5 the second.
        declare(T, 0, 6);
        declare(T, 1, 6);
        set(T, 1, 5, 9);
        set(T, 0, 3, 9);
        bytes memory body = _two(6, -9, 1, Body.affine(-2, 0, 1), 1, Body.affine(5, 0, 1));
        read(T, 1, 5);
        _expect(false, Kind.Linear, body, 0);
        _expect(true, Kind.Linear, body, 1); // both are outside
        read(T, 0, 3);
        _expect(false, Kind.Linear, body, 5);
    }

    function testExtremes() public {
        // 16 terms of 2^53 − 1 times −2^31 each, exact.
        declare(T, 0, 1);
        set(T, 0, 0, type(int32).min);
        read(T, 0, 0);
        int64[] memory coefficients = new int64[](16);
        bytes[] memory views = new bytes[](16);
        for (uint256 i = 0; i < 16; i++) {
            coefficients[i] = i % 2 == 0 ? MOST : -MOST;
            views[i] = _scalar(T, 0);
        }
        bytes memory form = Body.form(0, coefficients, views);
        bytes memory body = abi.encodePacked(Body.shape(dims(1)), form);
        _expect(false, Kind.Linear, body, 0);
        coefficients[15] = -MOST + 1;
        body = abi.encodePacked(Body.shape(dims(1)), Body.form(0, coefficients, views));
        _expect(true, Kind.Linear, body, 0);
    }

    function testRange() public {
        declare(T, 0, 1);
        bytes memory form = Body.form(1, 2, _scalar(T, 0));
        bytes memory body = abi.encodePacked(uint8(0), int64(-3), int64(9), form);
        read(T, 0, 0);
        int8[4] memory values = [int8(-3), -2, 4, 5];
        for (uint256 i = 0; i < 4; i++) {
            set(T, 0, 0, values[i]);
            _expect(i == 0 || i == 3, Kind.Range, body, 0);
        }
    }

    function testLookup() public {
        declare(T, 0, 4);
        declare(T, 1, 4);
        declare(C, 0, 12);
        // value(i) = table[key(i) + 1, 2 − i] over i < 3, table [4, 3] in leaf order (1, 0).
        uint8[] memory order = new uint8[](2);
        (order[0], order[1]) = (1, 0);
        bytes memory body = abi.encodePacked(
            Body.shape(dims(3)),
            Body.form(0, 1, Body.view_(Body.tensor(T, 1, dims(4)), factors(Body.axis(0)))),
            Body.tensor(C, 0, dims(4, 3), order),
            uint8(1),
            int32(-1),
            Body.form(0, 1, Body.view_(Body.tensor(T, 0, dims(4)), factors(Body.axis(0)))),
            Body.affine(2, 0, -1)
        );
        set(T, 0, 1, 2);
        set(T, 1, 1, 55);
        set(C, 0, 1 * 4 + 3, 55);
        read(T, 0, 1);
        read(T, 1, 1);
        read(C, 0, 7);
        _expect(false, Kind.Lookup, body, 1);
        set(T, 1, 1, 56);
        _expect(true, Kind.Lookup, body, 1);
        set(T, 1, 1, 55);
        set(T, 0, 1, 3); // beyond the table
        _expect(true, Kind.Lookup, body, 1);
        set(T, 0, 1, -2); // before it
        _expect(true, Kind.Lookup, body, 1);
    }

    /// A key outside violates whether or not the table is opened.
    function testLookupOutsideNeedsNoTable() public {
        declare(T, 0, 1);
        declare(T, 1, 1);
        set(T, 0, 0, 12);
        read(T, 0, 0);
        read(T, 1, 0);
        bytes memory body = _lookup(C, 12);
        _expect(true, Kind.Lookup, body, 0);
        set(T, 0, 0, 11);
        _rejects(_leaf(C, 0, 0), Kind.Lookup, body, 0);
    }

    function testEinsum() public {
        // Σ_k x(o, k) y(k) over k < 10 in chunks of 4; −2 P + z(o) = 0.
        declare(T, 0, 20);
        declare(C, 0, 10);
        declare(T, 1, 4); // partials [2, 2]
        declare(T, 2, 2);
        int256 p = 0;
        for (uint256 k = 0; k < 10; k++) {
            p += read(T, 0, 10 + k) * read(C, 0, k);
            if (k == 3) set(T, 1, 1, p);
            if (k == 7) set(T, 1, 3, p);
        }
        set(T, 2, 1, 2 * p);
        read(T, 1, 0);
        read(T, 2, 1);
        bytes memory body = _einsum(4, -2, Body.tensor(T, 1, dims(2, 2)));
        for (uint256 chunk = 0; chunk < 3; chunk++) {
            _expect(false, Kind.Einsum, body, 2 * chunk + 1);
        }
        set(T, 1, 1, peek(T, 1, 1) + 1);
        _expect(true, Kind.Einsum, body, 1);
        _expect(true, Kind.Einsum, body, 3);
        _expect(false, Kind.Einsum, body, 5);
        set(T, 2, 1, 2 * p + 1);
        _expect(true, Kind.Einsum, body, 5);
        _rejects(_error(IFraudVerifier.ElementOutOfDomain.selector), Kind.Einsum, body, 6);
    }

    function testEinsumWithoutSum() public {
        // The product of two scalars.
        declare(T, 0, 1);
        declare(T, 1, 1);
        set(T, 0, 0, -7);
        set(T, 1, 0, 11);
        read(T, 0, 0);
        read(T, 1, 0);
        bytes memory body = Body.einsum(
            new uint32[](0), new uint32[](0), 1, 1, _scalar(T, 0), _scalar(T, 1), "", Body.form(77)
        );
        _expect(false, Kind.Einsum, body, 0);
        set(T, 1, 0, 12);
        _expect(true, Kind.Einsum, body, 0);
    }

    function testGatherAndReshape() public {
        // Σ_k x[table[k]] · y[k as (a, b)] over k < 6; table −1 reads 0, y [2, 3] in leaf order (1, 0).
        declare(T, 0, 5);
        declare(T, 1, 6);
        declare(C, 0, 6);
        int256 sum = 0;
        for (uint256 k = 0; k < 6; k++) {
            set(C, 0, k, int256(k) - 1);
            read(C, 0, k);
            if (k > 0) sum += read(T, 0, k - 1) * read(T, 1, k % 3 * 2 + k / 3);
        }
        uint8[] memory order = new uint8[](2);
        order[0] = 1;
        bytes memory body = Body.einsum(
            new uint32[](0),
            dims(6),
            8,
            1,
            Body.view_(
                Body.tensor(T, 0, dims(5)), factors(Body.gather(0, Body.tensor(C, 0, dims(6))))
            ),
            Body.view_(
                Body.tensor(T, 1, dims(2, 3), order), factors(Body.reshape(2, new uint8[](1)))
            ),
            "",
            Body.form(int64(-sum))
        );
        _expect(false, Kind.Einsum, body, 0);
        set(C, 0, 3, 4);
        _expect(true, Kind.Einsum, body, 0);
        set(C, 0, 3, 5); // one beyond: reads 0
        set(T, 0, 2, 0);
        sum = 0;
        for (uint256 k = 1; k < 6; k++) {
            if (k != 3) sum += peek(T, 0, k - 1) * peek(T, 1, k % 3 * 2 + k / 3);
        }
        _expect(sum != peekSum(body), Kind.Einsum, body, 0);
    }

    /// The bias of a body's claim, which is its last 9 bytes but one.
    function peekSum(bytes memory body) private pure returns (int256) {
        uint256 word = 0;
        for (uint256 i = body.length - 9; i < body.length - 1; i++) {
            word = word << 8 | uint8(body[i]);
        }
        return -int64(uint64(word));
    }

    // ── The relation ─────────────────────────────────────────────────────────────────────────────

    function testRelationNotInProgram() public {
        declare(T, 0, 1);
        read(T, 0, 0);
        bytes memory body = _small();
        bytes memory no = _error(IFraudVerifier.RelationNotInProgram.selector);
        (Lists memory lists, FraudProof memory proof) = prove(Kind.Linear, body, 0);
        _verifier.violated(lists, proof);

        proof.relation.index++;
        _reverts(no, lists, proof);
        proof.relation.index = 512 + relationIndex;
        lists.relationCount = 1024;
        _reverts(no, lists, proof);
        (lists, proof) = prove(Kind.Linear, body, 0);
        lists.relationCount = relationIndex; // same depth, but no longer one of them
        _reverts(no, lists, proof);
        (lists, proof) = prove(Kind.Linear, body, 0);
        proof.relation.kind = Kind.Range;
        _reverts(no, lists, proof);
        (lists, proof) = prove(Kind.Linear, body, 0);
        proof.relation.body[3] ^= 0x01;
        _reverts(no, lists, proof);
        (lists, proof) = prove(Kind.Linear, body, 0);
        lists.relations ^= bytes32(uint256(1));
        _reverts(no, lists, proof);
        // A node is no relation: the path is as long as the list is deep.
        (lists, proof) = prove(Kind.Linear, body, 0);
        bytes32[] memory path = new bytes32[](proof.relation.path.length - 1);
        proof.relation.path = path;
        _reverts(no, lists, proof);
    }

    function testElementOutOfDomain() public {
        bytes memory no = _error(IFraudVerifier.ElementOutOfDomain.selector);
        _rejects(no, Kind.Linear, _small(), 1);
        _rejects(no, Kind.Linear, _small(), type(uint256).max);
    }

    // ── Descriptors ──────────────────────────────────────────────────────────────────────────────

    function testBodyLength() public {
        bytes memory body = _small();
        _bad(Kind.Linear, abi.encodePacked(body, uint8(0)));
        for (uint256 size = 0; size < body.length; size++) {
            bytes memory cut = new bytes(size);
            for (uint256 i = 0; i < size; i++) {
                cut[i] = body[i];
            }
            _bad(Kind.Linear, cut);
        }
    }

    function testShapes() public {
        bytes memory zero = Body.form(0);
        _bad(Kind.Linear, abi.encodePacked(Body.shape(dims(0)), zero));
        _bad(Kind.Linear, abi.encodePacked(Body.shape(new uint32[](9)), zero));
        _bad(Kind.Linear, abi.encodePacked(Body.shape(dims(2 ** 31)), zero));
        _bad(Kind.Linear, abi.encodePacked(Body.shape(dims(2 ** 16, 2 ** 15)), zero));
        _bad(Kind.Linear, abi.encodePacked(Body.shape(dims(2 ** 31 + 1, 2 ** 31)), zero));
        uint32[] memory ones = new uint32[](8);
        for (uint256 i = 0; i < 8; i++) {
            ones[i] = 1;
        }
        _expect(false, Kind.Linear, abi.encodePacked(Body.shape(ones), zero), 0);
        _expect(false, Kind.Linear, abi.encodePacked(Body.shape(dims(2 ** 31 - 1)), zero), 7);
    }

    function testTensors() public {
        _bad(Kind.Linear, _of(abi.encodePacked(uint8(4), uint32(0), uint8(0)), new bytes[](0)));
        uint8[] memory order = new uint8[](2);
        (order[0], order[1]) = (1, 1);
        bytes[] memory two = factors(Body.affine(0), Body.affine(0));
        _bad(Kind.Linear, _of(Body.tensor(T, 0, dims(2, 2), order), two));
        (order[0], order[1]) = (0, 2);
        _bad(Kind.Linear, _of(Body.tensor(T, 0, dims(2, 2), order), two));
        _bad(Kind.Linear, _of(Body.tensor(T, 0, dims(2, 0)), two));
        // One tensor, two shapes.
        bytes memory a = Body.view_(Body.tensor(T, 0, dims(2, 3)), two);
        bytes memory b = Body.view_(Body.tensor(T, 0, dims(3, 2)), two);
        bytes memory c = Body.view_(Body.tensor(T, 1, dims(3, 2)), two);
        int64[] memory ones = new int64[](2);
        _bad(Kind.Linear, abi.encodePacked(uint8(0), Body.form(0, ones, factors(a, b))));
        declare(T, 0, 6);
        declare(T, 1, 6);
        read(T, 0, 0);
        read(T, 1, 0);
        bytes memory body = abi.encodePacked(uint8(0), Body.form(0, ones, factors(a, c)));
        _expect(false, Kind.Linear, body, 0);
    }

    function testViews() public {
        bytes memory t = Body.tensor(T, 0, dims(2, 2));
        _bad(Kind.Linear, _of(t, factors(Body.affine(0)))); // covers one axis of two
        _bad(Kind.Linear, _of(t, factors(Body.affine(0), Body.affine(0), Body.affine(0))));
        _bad(Kind.Linear, _of(t, factors(Body.affine(0), Body.axis(1)))); // no such axis
        _bad(Kind.Linear, _of(t, factors(Body.affine(0), hex"03"))); // no such factor
        bytes memory many = abi.encodePacked(uint8(0), int32(0), uint8(13));
        for (uint256 i = 0; i < 13; i++) {
            many = abi.encodePacked(many, uint8(0), int32(0));
        }
        _bad(Kind.Linear, _of(t, factors(Body.affine(0), many)));
        uint8[] memory axes = new uint8[](1);
        bytes memory four = Body.tensor(T, 0, dims(1, 1));
        _bad(Kind.Linear, _of(four, factors(Body.affine(0), Body.reshape(0, axes))));
        _bad(Kind.Linear, _of(four, factors(Body.reshape(3, axes))));
        _bad(Kind.Linear, _of(t, factors(Body.reshape(2, axes)))); // 1 element against 4
        axes[0] = 1;
        _bad(Kind.Linear, _of(four, factors(Body.reshape(2, axes))));
        _bad(Kind.Linear, _of(four, factors(Body.reshape(2, new uint8[](13)))));
    }

    function testGathers() public {
        bytes memory one = Body.tensor(T, 0, dims(1));
        _bad(Kind.Linear, _of(one, factors(Body.gather(1, Body.tensor(C, 0, dims(1))))));
        _bad(Kind.Linear, _of(one, factors(Body.gather(0, Body.tensor(T, 1, dims(1))))));
        _bad(Kind.Linear, _of(one, factors(Body.gather(0, Body.tensor(C, 0, dims(1, 1))))));
        _bad(Kind.Linear, _of(one, factors(Body.gather(0, Body.tensor(C, 0, dims(2))))));
    }

    function testForms() public {
        bytes memory view_ = _scalar(T, 0);
        bytes[] memory views = new bytes[](17);
        for (uint256 i = 0; i < 17; i++) {
            views[i] = view_;
        }
        _bad(Kind.Linear, abi.encodePacked(uint8(0), Body.form(0, new int64[](17), views)));
        _bad(Kind.Linear, abi.encodePacked(uint8(0), Body.form(MOST + 1)));
        _bad(Kind.Linear, abi.encodePacked(uint8(0), Body.form(-MOST - 1)));
        _bad(Kind.Linear, abi.encodePacked(uint8(0), Body.form(0, type(int64).min, view_)));
        _bad(Kind.Range, abi.encodePacked(uint8(0), -MOST - 1, MOST, Body.form(0)));
        _bad(Kind.Range, abi.encodePacked(uint8(0), -MOST, MOST + 1, Body.form(0)));
        _expect(true, Kind.Linear, abi.encodePacked(uint8(0), Body.form(MOST)), 0);
        _expect(true, Kind.Linear, abi.encodePacked(uint8(0), Body.form(-MOST)), 0);
    }

    function testEinsumDescriptors() public {
        bytes memory partials = Body.tensor(T, 1, dims(2, 2));
        _bad(Kind.Einsum, _einsum(0, 1, partials));
        _bad(Kind.Einsum, _einsum(3, 1, Body.tensor(T, 1, dims(3, 2))));
        _bad(Kind.Einsum, _einsum(2048, 1, ""));
        _bad(Kind.Einsum, _einsum(4, 1, "")); // three chunks without partials
        _bad(Kind.Einsum, _einsum(16, 1, Body.tensor(T, 1, dims(1, 2))));
        _bad(Kind.Einsum, _einsum(4, 1, Body.tensor(T, 1, dims(3, 2))));
        _bad(Kind.Einsum, _einsum(4, 1, Body.tensor(T, 1, dims(2, 3))));
        _bad(Kind.Einsum, _einsum(4, 1, Body.tensor(T, 1, dims(2))));
        _bad(Kind.Einsum, _einsum(4, MOST + 1, partials));
        // Thirteen axes.
        uint32[] memory domain = new uint32[](6);
        uint32[] memory sum = new uint32[](7);
        for (uint256 i = 0; i < 7; i++) {
            sum[i] = 1;
            if (i < 6) domain[i] = 1;
        }
        bytes memory x = _scalar(T, 0);
        _bad(Kind.Einsum, Body.einsum(domain, sum, 1, 1, x, x, "", Body.form(0)));
        // A claim knows the domain alone.
        bytes memory claim =
            Body.form(0, 1, Body.view_(Body.tensor(T, 2, dims(2)), factors(Body.axis(1))));
        _bad(Kind.Einsum, Body.einsum(dims(2), dims(2), 2, 1, x, x, "", claim));
        bytes memory flag = Body.einsum(dims(2), dims(2), 2, 1, x, x, "", Body.form(0));
        flag[flag.length - 10] = 0x02;
        _bad(Kind.Einsum, flag);
    }

    function testLookupDescriptors() public {
        _bad(Kind.Lookup, _lookup(T, 12)); // no Constant
        bytes memory body = _lookup(C, 12);
        body[body.length - _keyLength()] = 0x02; // no such coordinate
        _bad(Kind.Lookup, body);
        _bad(
            Kind.Lookup,
            abi.encodePacked(uint8(0), Body.form(0), Body.tensor(C, 0, dims(1, 1)), Body.affine(0))
        );
    }

    // ── Openings ─────────────────────────────────────────────────────────────────────────────────

    function testLeafNotOpened() public {
        declare(T, 0, 100);
        touch(T, 0, 1);
        bytes memory body = _of100();
        _rejects(_leaf(T, 0, 3), Kind.Linear, body, 99);
        _rejects(_leaf(T, 0, 0), Kind.Linear, body, 31);
        touch(T, 0, 3);
        _expect(peek(T, 0, 99) != 0, Kind.Linear, body, 99);
    }

    function testNothingOpened() public {
        _rejects(_leaf(T, 0, 3), Kind.Linear, _of100(), 99);
    }

    /// The same error where positions come from a gather.
    function testLeafNotOpenedInGather() public {
        declare(T, 0, 100);
        declare(C, 0, 64);
        for (uint256 k = 0; k < 64; k++) {
            set(C, 0, k, int256(k));
        }
        touch(T, 0, 0);
        touch(C, 0, 0);
        bytes memory y = Body.view_(
            Body.tensor(T, 0, dims(100)), factors(Body.gather(0, Body.tensor(C, 0, dims(64))))
        );
        bytes memory body = Body.einsum(new uint32[](0), dims(64), 64, 1, y, y, "", Body.form(0));
        _rejects(_leaf(C, 0, 1), Kind.Einsum, body, 0);
        touch(C, 0, 1);
        _rejects(_leaf(T, 0, 1), Kind.Einsum, body, 0);
        touch(T, 0, 1);
        _expect(true, Kind.Einsum, body, 0);
    }

    function testOpeningRejected() public {
        declare(T, 150, 100);
        touch(T, 150, 1);
        touch(T, 150, 2);
        bytes memory body = _of(Body.tensor(T, 150, dims(100)), factors(Body.affine(40)));
        bytes memory first = _rejected(0);
        (Lists memory lists, FraudProof memory proof) = prove(Kind.Linear, body, 0);
        Opening memory o = proof.openings[0];
        _verifier.violated(lists, proof);

        o.root ^= bytes32(uint256(1));
        _reverts(first, lists, proof);
        o.root ^= bytes32(uint256(1));
        o.path[2] ^= bytes32(uint256(1));
        _reverts(first, lists, proof);
        o.path[2] ^= bytes32(uint256(1));
        o.data[17] ^= 0x01;
        _reverts(first, lists, proof);
        o.data[17] ^= 0x01;
        o.siblings[0] ^= bytes32(uint256(1));
        _reverts(first, lists, proof);
        o.siblings[0] ^= bytes32(uint256(1));
        bytes32[] memory path = o.path;
        o.path = new bytes32[](path.length - 1);
        _reverts(first, lists, proof);
        o.path = path;
        o.index = 151; // another tensor, which nobody mentions
        _reverts(first, lists, proof);
        o.index = 150;
        o.list = List.Output;
        _reverts(first, lists, proof);
        o.list = T;
        lists.lengths[2] = 151; // the same depth
        _verifier.violated(lists, proof);
        lists.lengths[2] = 150; // and no longer one of them
        _reverts(first, lists, proof);
        lists.lengths[2] = 200;
        lists.roots[2] ^= bytes32(uint256(1));
        _reverts(first, lists, proof);
        lists.roots[2] ^= bytes32(uint256(1));

        Opening[] memory twice = new Opening[](2);
        (twice[0], twice[1]) = (o, o);
        proof.openings = twice;
        _reverts(_rejected(1), lists, proof);
    }

    function testMultiproofMalformed() public {
        declare(T, 7, 100);
        touch(T, 7, 1);
        touch(T, 7, 2);
        bytes memory body = _of(Body.tensor(T, 7, dims(100)), factors(Body.affine(40)));
        bytes memory no = _error(Trees.MultiproofMalformed.selector);
        (Lists memory lists, FraudProof memory proof) = prove(Kind.Linear, body, 0);
        Opening memory o = proof.openings[0];
        (o.leaves[0], o.leaves[1]) = (2, 1);
        _reverts(no, lists, proof);
        (o.leaves[0], o.leaves[1]) = (2, 2);
        _reverts(no, lists, proof);
        (o.leaves[0], o.leaves[1]) = (1, 4);
        _reverts(no, lists, proof);
        (o.leaves[0], o.leaves[1]) = (1, type(uint32).max);
        _reverts(no, lists, proof);
        (o.leaves[0], o.leaves[1]) = (1, 2);
        bytes32[] memory siblings = o.siblings;
        o.siblings = new bytes32[](siblings.length + 1);
        _reverts(no, lists, proof);
        o.siblings = new bytes32[](siblings.length - 1);
        _reverts(no, lists, proof);
        o.siblings = siblings;
        bytes memory data = o.data;
        o.data = abi.encodePacked(data, uint8(0));
        _reverts(no, lists, proof);
        o.data = new bytes(128);
        _reverts(no, lists, proof);
        o.data = data;
        _verifier.violated(lists, proof);
        (o.leaves, o.data, o.siblings) = (new uint32[](0), "", new bytes32[](0));
        _reverts(no, lists, proof);
    }

    /// Leaves and openings that are not read are allowed.
    function testUnread() public {
        declare(T, 0, 100);
        declare(T, 1, 100);
        read(T, 0, 99);
        touch(T, 0, 0);
        touch(T, 1, 2);
        bytes memory body = _two(100, 0, 1, Body.axis(0), 1, Body.affine(1, 0, 1));
        body = abi.encodePacked(
            Body.shape(dims(100)), _pair(100, 0, 1, Body.axis(0), 1, Body.affine(1, 0, 1))
        );
        _expect(peek(T, 0, 99) != 0, Kind.Linear, body, 99);
    }

    // ── Mentions ─────────────────────────────────────────────────────────────────────────────────

    function testMentioned() public {
        bytes memory body = _einsum(4, 1, Body.tensor(T, 1, dims(2, 2)));
        (bytes32 relations, RelationRef memory r) = refer(Kind.Einsum, body);
        uint32[3][4] memory wanted =
            [[uint32(2), 0, 20], [uint32(0), 0, 10], [uint32(2), 1, 4], [uint32(2), 2, 2]];
        for (uint8 slot = 0; slot < 4; slot++) {
            (List list, uint32 index, uint256 elements) =
                _verifier.mentioned(relations, relationCount, r, slot);
            assertEq(uint256(list), wanted[slot][0], "list");
            assertEq(index, wanted[slot][1], "index");
            assertEq(elements, wanted[slot][2], "elements");
        }
        vm.expectRevert(IFraudVerifier.DescriptorRejected.selector);
        _verifier.mentioned(relations, relationCount, r, 4);
        vm.expectRevert(IFraudVerifier.RelationNotInProgram.selector);
        _verifier.mentioned(relations, relationIndex, r, 0);
        (relations, r) = refer(Kind.Einsum, abi.encodePacked(body, uint8(0)));
        vm.expectRevert(IFraudVerifier.DescriptorRejected.selector);
        _verifier.mentioned(relations, relationCount, r, 0);
    }

    /// A gather's table comes after the tensor that it is read for; a lookup's table after its value.
    function testMentionedOrder() public view {
        bytes memory one = Body.view_(
            Body.tensor(T, 5, dims(3)), factors(Body.gather(0, Body.tensor(C, 6, dims(1))))
        );
        bytes memory key = Body.form(0, 1, one);
        bytes memory body = abi.encodePacked(
            Body.shape(dims(1)),
            Body.form(0, 1, Body.view_(Body.tensor(T, 8, dims(1)), factors(Body.axis(0)))),
            Body.tensor(C, 9, dims(4)),
            uint8(1),
            int32(0),
            key
        );
        (bytes32 relations, RelationRef memory r) = refer(Kind.Lookup, body);
        uint32[4] memory order = [uint32(8), 9, 5, 6];
        for (uint8 slot = 0; slot < 4; slot++) {
            (, uint32 index,) = _verifier.mentioned(relations, relationCount, r, slot);
            assertEq(index, order[slot], "index");
        }
    }

    // ── Helpers ──────────────────────────────────────────────────────────────────────────────────

    function _expect(bool violated, Kind kind, bytes memory body, uint256 element) private view {
        (Lists memory lists, FraudProof memory proof) = prove(kind, body, element);
        require(_verifier.violated(lists, proof) == violated, violated ? "holds" : "violated");
    }

    function _rejects(bytes memory reason, Kind kind, bytes memory body, uint256 element) private {
        (Lists memory lists, FraudProof memory proof) = prove(kind, body, element);
        _reverts(reason, lists, proof);
    }

    function _reverts(bytes memory reason, Lists memory lists, FraudProof memory proof) private {
        vm.expectRevert(reason);
        _verifier.violated(lists, proof);
    }

    function _bad(Kind kind, bytes memory body) private {
        _rejects(_error(IFraudVerifier.DescriptorRejected.selector), kind, body, 0);
    }

    function _error(bytes4 selector) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector);
    }

    function _rejected(uint256 i) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IFraudVerifier.OpeningRejected.selector, i);
    }

    function _leaf(List list, uint32 index, uint32 leaf) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IFraudVerifier.LeafNotOpened.selector, list, index, leaf);
    }

    function _scalar(List list, uint32 index) private pure returns (bytes memory) {
        return Body.view_(Body.tensor(list, index, new uint32[](0)), new bytes[](0));
    }

    /// T0 = 0, a scalar.
    function _small() private pure returns (bytes memory) {
        return abi.encodePacked(uint8(0), Body.form(0, 1, _scalar(T, 0)));
    }

    /// view = 0 over a domain of one axis of length 1.
    function _of(bytes memory t, bytes[] memory f) private pure returns (bytes memory) {
        return abi.encodePacked(Body.shape(dims(1)), Body.form(0, 1, Body.view_(t, f)));
    }

    /// T0(i) = 0 over i < 100.
    function _of100() private pure returns (bytes memory) {
        return abi.encodePacked(
            Body.shape(dims(100)),
            Body.form(0, 1, Body.view_(Body.tensor(T, 0, dims(100)), factors(Body.axis(0))))
        );
    }

    /// bias + a · T0[…] + b · T1[…] = 0 over n, tensors of length n.
    function _two(uint32 n, int64 bias, int64 a, bytes memory f, int64 b, bytes memory g)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(Body.shape(dims(n)), _pair(n, bias, a, f, b, g));
    }

    function _pair(uint32 n, int64 bias, int64 a, bytes memory f, int64 b, bytes memory g)
        private
        pure
        returns (bytes memory)
    {
        int64[] memory coefficients = new int64[](2);
        (coefficients[0], coefficients[1]) = (a, b);
        return Body.form(
            bias,
            coefficients,
            factors(
                Body.view_(Body.tensor(T, 0, dims(n)), factors(f)),
                Body.view_(Body.tensor(T, 1, dims(n)), factors(g))
            )
        );
    }

    function _einsum(uint32 chunk, int64 scale, bytes memory partials)
        private
        pure
        returns (bytes memory)
    {
        return Body.einsum(
            dims(2),
            dims(10),
            chunk,
            scale,
            Body.view_(Body.tensor(T, 0, dims(2, 10)), factors(Body.axis(0), Body.axis(1))),
            Body.view_(Body.tensor(C, 0, dims(10)), factors(Body.axis(1))),
            partials,
            Body.form(0, 1, Body.view_(Body.tensor(T, 2, dims(2)), factors(Body.axis(0))))
        );
    }

    /// T1 = table[T0], scalars.
    function _lookup(List list, uint32 size) private pure returns (bytes memory) {
        return abi.encodePacked(
            uint8(0),
            Body.form(0, 1, _scalar(T, 1)),
            Body.tensor(list, list == C ? 0 : 9, dims(size)),
            uint8(1),
            int32(0),
            Body.form(0, 1, _scalar(T, 0))
        );
    }

    function _keyLength() private pure returns (uint256) {
        return 5 + Body.form(0, 1, _scalar(T, 0)).length;
    }
}
