// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FraudVerifier} from "../src/FraudVerifier.sol";
import {FraudProof, Kind, List, Lists} from "../src/interfaces/Commitments.sol";
import {vm} from "./Cheats.sol";
import {Body, TraceKit} from "./support/TraceKit.sol";

/// What the dearest elements cost, as if each check were a transaction. Every case is shown to hold and, with
/// elements changed, to be violated.
contract FraudVerifierGasTest is TraceKit {
    FraudVerifier private _verifier = new FraudVerifier();

    uint256 private constant EINSUM = 1_500_000;
    uint256 private constant TYPICAL = 700_000;
    uint256 private constant OTHER = 300_000;

    List private constant C = List.Constant;
    List private constant T = List.Trace;

    /// Y[512, 1024] = X[512, 2^16 / …] · Wᵀ: both operands in order, trees of 2^20 leaves.
    function testMatMul() public {
        uint32 k = 1024;
        declare(T, 7, 2 ** 25);
        declare(C, 11, 2 ** 25);
        declare(T, 8, 2 ** 25);
        (uint256 m, uint256 n) = (1234, 4321);
        int256 sum = 0;
        for (uint256 i = 0; i < k; i++) {
            sum += read(T, 7, m * k + i) * read(C, 11, n * k + i);
        }
        _claim(8, m * 8192 + n, sum);
        bytes memory body = Body.einsum(
            dims(4096, 8192),
            dims(k),
            1024,
            1,
            Body.view_(Body.tensor(T, 7, dims(2 ** 15, k)), factors(Body.axis(0), Body.axis(2))),
            Body.view_(Body.tensor(C, 11, dims(2 ** 15, k)), factors(Body.axis(1), Body.axis(2))),
            "",
            _minus(Body.tensor(T, 8, dims(4096, 8192)), factors(Body.axis(0), Body.axis(1)))
        );
        _check("einsum: matmul, 1024 terms", Kind.Einsum, body, m * 8192 + n, TYPICAL);
    }

    /// Convolution 3×3 over 512 channels in chunks of 1,024, channels innermost; at a corner if so.
    function testConvolution() public {
        _convolution("einsum: conv 3x3, 512 channels, inside", 20, 20, 2);
    }

    function testConvolutionCorner() public {
        _convolution("einsum: conv 3x3, 512 channels, corner", 0, 0, 2);
    }

    function _convolution(string memory name, uint256 h, uint256 w, uint256 chunk) private {
        uint256 size = 56;
        declare(T, 7, size * size * 512);
        declare(C, 11, 512 * 9 * 512);
        declare(T, 9, 4 * 512 * size * size);
        uint256 f = 77;
        int256 sum = 0;
        for (uint256 t = 1024 * chunk; t < 1024 * (chunk + 1); t++) {
            (uint256 kh, uint256 kw, uint256 c) = (t / 1536, t / 512 % 3, t % 512);
            if (h + kh < 1 || w + kw < 1) continue;
            uint256 place = (h + kh - 1) * size + w + kw - 1;
            sum += read(T, 7, place * 512 + c) * read(C, 11, (f * 9 + t / 512) * 512 + c);
        }
        uint256 o = (f * size + h) * size + w;
        sum += read(T, 9, (chunk - 1) * 512 * size * size + o);
        set(T, 9, chunk * 512 * size * size + o, sum);
        read(T, 9, chunk * 512 * size * size + o);
        bytes memory body = Body.einsum(
            dims(512, 56, 56),
            dims(3, 3, 512),
            1024,
            1,
            Body.view_(
                Body.tensor(T, 7, dims(56, 56, 512)),
                factors(Body.affine(-1, 1, 1, 3, 1), Body.affine(-1, 2, 1, 4, 1), Body.axis(5))
            ),
            Body.view_(
                Body.tensor(C, 11, dims(512, 3, 3, 512)),
                factors(Body.axis(0), Body.axis(3), Body.axis(4), Body.axis(5))
            ),
            Body.tensor(T, 9, dims(4, 512, 56, 56)),
            Body.form(0)
        );
        _check(name, Kind.Einsum, body, chunk * 512 * size * size + o, TYPICAL);
    }

    /// Depthwise 7×7, channels innermost: a leaf for each term.
    function testDepthwise() public {
        (uint256 size, uint256 channels) = (112, 256);
        declare(T, 7, size * size * channels);
        declare(C, 11, channels * 49);
        declare(T, 8, size * size * channels);
        (uint256 c, uint256 h, uint256 w) = (100, 50, 60);
        int256 sum = 0;
        for (uint256 t = 0; t < 49; t++) {
            uint256 place = (h + t / 7 - 3) * size + w + t % 7 - 3;
            sum += read(T, 7, place * channels + c) * read(C, 11, c * 49 + t);
        }
        _claim(8, (h * size + w) * channels + c, sum);
        bytes memory body = Body.einsum(
            dims(112, 112, 256),
            dims(7, 7),
            64,
            1,
            Body.view_(
                Body.tensor(T, 7, dims(112, 112, 256)),
                factors(Body.affine(-3, 0, 1, 3, 1), Body.affine(-3, 1, 1, 4, 1), Body.axis(2))
            ),
            Body.view_(
                Body.tensor(C, 11, dims(256, 7, 7)),
                factors(Body.axis(2), Body.axis(3), Body.axis(4))
            ),
            "",
            _minus(
                Body.tensor(T, 8, dims(112, 112, 256)),
                factors(Body.axis(0), Body.axis(1), Body.axis(2))
            )
        );
        _check("einsum: depthwise 7x7", Kind.Einsum, body, (h * size + w) * channels + c, EINSUM);
    }

    /// Two summed axes of length 2 innermost: 512 runs of two terms, or four of 256 when taken along the channels.
    function testShortRuns() public {
        declare(T, 7, 64 * 64 * 512);
        declare(C, 11, 256 * 1024);
        declare(T, 8, 256 * 63 * 63);
        (uint256 f, uint256 h, uint256 w) = (5, 30, 33);
        int256 sum = 0;
        for (uint256 t = 0; t < 1024; t++) {
            (uint256 c, uint256 kh, uint256 kw) = (t / 4, t / 2 % 2, t % 2);
            uint256 p = ((h + kh) * 64 + w + kw) * 512 + c;
            sum += read(T, 7, p) * read(C, 11, f * 1024 + t);
        }
        _claim(8, (f * 63 + h) * 63 + w, sum);
        bytes memory body = Body.einsum(
            dims(256, 63, 63),
            dims(256, 2, 2),
            1024,
            1,
            Body.view_(
                Body.tensor(T, 7, dims(64, 64, 512)),
                factors(Body.affine(0, 1, 1, 4, 1), Body.affine(0, 2, 1, 5, 1), Body.axis(3))
            ),
            Body.view_(
                Body.tensor(C, 11, dims(256, 256, 2, 2)),
                factors(Body.axis(0), Body.axis(3), Body.axis(4), Body.axis(5))
            ),
            "",
            _minus(
                Body.tensor(T, 8, dims(256, 63, 63)),
                factors(Body.axis(0), Body.axis(1), Body.axis(2))
            )
        );
        _check(
            "einsum: 256x2x2, channels stored innermost, summed outermost",
            Kind.Einsum,
            body,
            (f * 63 + h) * 63 + w,
            EINSUM
        );
    }

    /// 1,024 terms, heads and channels summed as one axis and stored apart: what follows attention.
    function testSplit() public {
        _contraction("einsum: reshape split in two, 1024 terms", false);
    }

    /// 1,024 terms through an index list along the summed axis.
    function testGather() public {
        _contraction("einsum: gather, 1024 terms", true);
    }

    function _contraction(string memory name, bool gathers) private {
        declare(T, 7, gathers ? 2 ** 25 : 2 ** 19);
        declare(C, 11, 2 ** 20);
        if (gathers) declare(C, 12, 1024);
        declare(T, 8, 512);
        uint256 o = 300;
        int256 sum = 0;
        for (uint256 t = 0; t < 1024; t++) {
            // Storage [16, 512, 64], or rows of 1,024 read by the list.
            uint256 place = ((t / 64) * 512 + o) * 64 + t % 64;
            if (gathers) {
                set(C, 12, t, int256((t * 5) % 1024));
                place = o * 1024 + uint256(read(C, 12, t));
            }
            sum += read(T, 7, place) * read(C, 11, o * 1024 + t);
        }
        _claim(8, o, sum);
        bytes memory body = Body.einsum(
            dims(512),
            dims(1024),
            1024,
            1,
            gathers
                ? Body.view_(
                    Body.tensor(T, 7, dims(2 ** 15, 1024)),
                    factors(Body.axis(0), Body.gather(1, Body.tensor(C, 12, dims(1024))))
                )
                : _heads(),
            Body.view_(Body.tensor(C, 11, dims(1024, 1024)), factors(Body.axis(0), Body.axis(1))),
            "",
            _minus(Body.tensor(T, 8, dims(512)), factors(Body.axis(0)))
        );
        _check(name, Kind.Einsum, body, o, EINSUM);
    }

    /// [512, 16 · 64] of [512, 16, 64] in leaf order (1, 0, 2).
    function _heads() private pure returns (bytes memory) {
        uint8[] memory order = new uint8[](3);
        (order[0], order[1], order[2]) = (1, 0, 2);
        uint8[] memory axes = new uint8[](1);
        axes[0] = 1;
        return Body.view_(
            Body.tensor(T, 7, dims(512, 16, 64), order),
            factors(Body.axis(0), Body.reshape(2, axes))
        );
    }

    /// Both operands far apart in trees of 2^20 leaves: what 24 KiB can hold.
    function testStrided() public {
        declare(T, 7, 2 ** 25);
        declare(C, 11, 2 ** 25);
        declare(T, 8, 1024);
        uint256 o = 55;
        int256 sum = 0;
        for (uint256 t = 0; t < 20; t++) {
            sum += read(T, 7, t * 2 ** 20 + o) * read(C, 11, t * 2 ** 20 + 3 * o);
        }
        _claim(8, o, sum);
        bytes memory body = Body.einsum(
            dims(1024),
            dims(20),
            32,
            1,
            Body.view_(Body.tensor(T, 7, dims(32, 2 ** 20)), factors(Body.axis(1), Body.axis(0))),
            Body.view_(
                Body.tensor(C, 11, dims(32, 2 ** 20)), factors(Body.axis(1), Body.affine(0, 0, 3))
            ),
            "",
            _minus(Body.tensor(T, 8, dims(1024)), factors(Body.axis(0)))
        );
        _check("einsum: 20 strided terms, both", Kind.Einsum, body, o, EINSUM);
    }

    function testLinear() public {
        _form("linear: 3 terms, 2^20 leaves", Kind.Linear, 3, 2 ** 25, OTHER);
    }

    /// As many terms as a form may have, each in a tensor of its own: beyond 24 KiB at 2^20 leaves.
    function testLinearMost() public {
        _form("linear: 16 terms, 2^16 leaves", Kind.Linear, 16, 2 ** 21, EINSUM);
    }

    function testRange() public {
        _form("range: 2^20 leaves", Kind.Range, 1, 2 ** 25, OTHER);
    }

    function _form(string memory name, Kind kind, uint256 terms, uint32 count, uint256 limit)
        private
    {
        uint256 o = 12345;
        int64[] memory coefficients = new int64[](terms);
        bytes[] memory views = new bytes[](terms);
        int256 sum = 0;
        for (uint32 i = 0; i < terms; i++) {
            declare(T, 20 + i, count);
            coefficients[i] = int64(uint64(i + 1));
            views[i] = Body.view_(Body.tensor(T, 20 + i, dims(count)), factors(Body.axis(0)));
            sum += read(T, 20 + i, o) * int256(uint256(i + 1));
        }
        bytes memory form = Body.form(int64(-sum), coefficients, views);
        bytes memory bounds = kind == Kind.Range ? abi.encodePacked(int64(0), int64(0)) : bytes("");
        bytes memory body = abi.encodePacked(Body.shape(dims(count)), bounds, form);
        _check(name, kind, body, o, limit);
    }

    function testLookup() public {
        declare(T, 7, 2 ** 25);
        declare(T, 8, 2 ** 25);
        declare(C, 11, 2 ** 16);
        uint256 o = 99;
        set(T, 7, o, 1000);
        set(C, 11, 1000 + 2 ** 15, 77);
        set(T, 8, o, 77);
        read(T, 7, o);
        read(C, 11, 1000 + 2 ** 15);
        read(T, 8, o);
        bytes memory body = abi.encodePacked(
            Body.shape(dims(2 ** 25)),
            Body.form(0, 1, Body.view_(Body.tensor(T, 8, dims(2 ** 25)), factors(Body.axis(0)))),
            Body.tensor(C, 11, dims(2 ** 16)),
            uint8(1),
            int32(-(2 ** 15)),
            Body.form(0, 1, Body.view_(Body.tensor(T, 7, dims(2 ** 25)), factors(Body.axis(0))))
        );
        _check("lookup: table of 2^16", Kind.Lookup, body, o, OTHER);
    }

    /// A row of an embedding: one coordinate keyed, one affine.
    function testRowLookup() public {
        declare(T, 7, 512);
        declare(T, 8, 512 * 768);
        declare(C, 11, 30000 * 768);
        (uint256 token, uint256 column) = (100, 700);
        set(T, 7, token, 29999);
        set(T, 8, token * 768 + column, peek(C, 11, 29999 * 768 + column));
        read(T, 7, token);
        read(C, 11, 29999 * 768 + column);
        read(T, 8, token * 768 + column);
        bytes memory body = abi.encodePacked(
            Body.shape(dims(512, 768)),
            Body.form(
                0,
                1,
                Body.view_(Body.tensor(T, 8, dims(512, 768)), factors(Body.axis(0), Body.axis(1)))
            ),
            Body.tensor(C, 11, dims(30000, 768)),
            uint8(1),
            int32(0),
            Body.form(0, 1, Body.view_(Body.tensor(T, 7, dims(512)), factors(Body.axis(0)))),
            Body.axis(1)
        );
        _check("lookup: row of an embedding", Kind.Lookup, body, token * 768 + column, OTHER);
    }

    // ── ─────────────────────────────────────────────────────────────────────────────────────────

    function _claim(uint32 index, uint256 position, int256 sum) private {
        set(T, index, position, sum);
        read(T, index, position);
    }

    /// claim(o) = −tensor(o).
    function _minus(bytes memory tensor, bytes[] memory f) private pure returns (bytes memory) {
        return Body.form(0, -1, Body.view_(tensor, f));
    }

    /// Gas of a transaction that makes this call: 21,000, calldata (EIP-2028, EIP-7623) and execution.
    function _transaction(uint256 execution, bytes memory data) private pure returns (uint256) {
        uint256 tokens = 0;
        for (uint256 i = 0; i < data.length; i++) {
            tokens += data[i] == 0 ? 1 : 4;
        }
        uint256 plain = 4 * tokens + execution;
        return 21_000 + (plain > 10 * tokens ? plain : 10 * tokens);
    }

    function _check(
        string memory name,
        Kind kind,
        bytes memory body,
        uint256 element,
        uint256 limit
    ) private {
        (Lists memory lists, FraudProof memory proof) = prove(kind, body, element);
        bool before = _verifier.violated(lists, proof);
        // Recorded as what a transaction costs instead, below.
        uint256 execution = vm.snapshotGasLastCall("fraud", name);
        bytes memory data = abi.encodeCall(_verifier.violated, (lists, proof));
        uint256 used = _transaction(execution, data);
        vm.snapshotValue("fraud", name, used);
        vm.snapshotValue("fraud", string.concat(name, ", bytes"), data.length);
        vm.snapshotValue("fraud", string.concat(name, ", target"), limit);
        require(!before, "holds");
        require(used <= limit, string.concat(name, ": gas ", vm.toString(used)));
        // The last element that was read is a claim or a value.
        List list = known[0].list;
        uint256 position = 32 * uint256(known[0].leaves[0]);
        for (uint256 i = 0; i < 32; i++) {
            set(list, known[0].index, position + i, peek(list, known[0].index, position + i) + 1);
        }
        (lists, proof) = prove(kind, body, element);
        require(_verifier.violated(lists, proof), "violated");
    }
}
