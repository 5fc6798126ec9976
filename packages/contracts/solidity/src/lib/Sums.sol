// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Openings} from "./Openings.sol";
import {Axes, Run, View, Views} from "./Views.sol";

/// @title Σ x · y over consecutive terms of the sum axes.
/// @dev In runs along the innermost sum axis of more than one index: what moves evenly is located once a
///   leaf, and not for each term.
library Sums {
    /// From axes.index on, which ends anywhere; `terms` >= 1 are left there.
    function chunk(Axes memory axes, uint256 terms, View memory x, View memory y)
        internal
        pure
        returns (int256 sum)
    {
        unchecked {
            uint256 domain = axes.domain;
            uint256 inner = axes.sizes.length;
            while (inner > domain + 1 && axes.sizes[inner - 1] == 1) inner--;
            bool even = x.factors.length == 0 && y.factors.length == 0;
            if (even && inner > domain) {
                if (x.outside || y.outside) return 0;
                return _even(_frame(axes, x, y, inner - 1 - domain), terms);
            }
            Run memory rx;
            Run memory ry;
            while (true) {
                // No sum axis: one term.
                uint256 n = inner == domain ? 1 : axes.sizes[inner - 1] - axes.index[inner - 1];
                if (n > terms) n = terms;
                sum += _run(x, y, rx, ry, inner > domain ? inner - 1 - domain : 0, n);
                terms -= n;
                if (terms == 0) return sum;
                _carry(axes, x, y, inner - 1);
            }
        }
    }

    /// What `_even` needs, in words: 0 the innermost sum axis as an offset into the arrays, 1 where the
    /// sum's digits and 2 its sizes begin, 3 4 steps of x and y, 5 6 their sources, 7 8 their positions.
    function _frame(Axes memory axes, View memory x, View memory y, uint256 axis)
        private
        pure
        returns (uint256 frame)
    {
        assembly ("memory-safe") {
            frame := mload(0x40)
            mstore(0x40, add(frame, 0x120))
            let skip := add(0x20, shl(5, mload(add(axes, 0x40))))
            mstore(frame, shl(5, axis))
            mstore(add(frame, 0x20), add(mload(add(axes, 0x20)), skip))
            mstore(add(frame, 0x40), add(mload(axes), skip))
            mstore(add(frame, 0x60), add(mload(add(x, 0x40)), 0x20))
            mstore(add(frame, 0x80), add(mload(add(y, 0x40)), 0x20))
            mstore(add(frame, 0xa0), mload(x))
            mstore(add(frame, 0xc0), mload(y))
            mstore(add(frame, 0xe0), mload(add(x, 0x20)))
            mstore(add(frame, 0x100), mload(add(y, 0x20)))
        }
    }

    /// Both positions move evenly along every axis, and nothing is ever outside.
    function _even(uint256 frame, uint256 terms) private pure returns (int256 sum) {
        while (true) {
            uint256 n;
            assembly ("memory-safe") {
                let inner := mload(frame)
                n := sub(
                    mload(add(mload(add(frame, 0x40)), inner)),
                    mload(add(mload(add(frame, 0x20)), inner))
                )
                if gt(n, terms) { n := terms }
                terms := sub(terms, n)
            }
            sum = _straight(frame, n, sum);
            if (terms == 0) return sum;
            assembly ("memory-safe") {
                let digits := mload(add(frame, 0x20))
                let sizes := mload(add(frame, 0x40))
                let stepsX := mload(add(frame, 0x60))
                let stepsY := mload(add(frame, 0x80))
                let px := mload(add(frame, 0xe0))
                let py := mload(add(frame, 0x100))
                // The innermost digit is at its end: all that are go back to 0, the next one moves on.
                let axis := mload(frame)
                for {} 1 {} {
                    let size := mload(add(sizes, axis))
                    px := sub(px, mul(size, mload(add(stepsX, axis))))
                    py := sub(py, mul(size, mload(add(stepsY, axis))))
                    mstore(add(digits, axis), 0)
                    axis := sub(axis, 0x20)
                    px := add(px, mload(add(stepsX, axis)))
                    py := add(py, mload(add(stepsY, axis)))
                    let digit := add(mload(add(digits, axis)), 1)
                    if lt(digit, mload(add(sizes, axis))) {
                        mstore(add(digits, axis), digit)
                        break
                    }
                }
                mstore(add(frame, 0xe0), px)
                mstore(add(frame, 0x100), py)
            }
        }
    }

    /// To the next index: `axis` and all inside of it start again, the first outside of it that can moves on.
    function _carry(Axes memory axes, View memory x, View memory y, uint256 axis) private pure {
        unchecked {
            uint256 domain = axes.domain;
            uint256[] memory index = axes.index;
            _move(x, y, axis - domain, -int256(index[axis]));
            index[axis] = 0;
            while (true) {
                axis--;
                uint256 next = index[axis] + 1;
                if (next < axes.sizes[axis]) {
                    index[axis] = next;
                    return _move(x, y, axis - domain, 1);
                }
                _move(x, y, axis - domain, -int256(index[axis]));
                index[axis] = 0;
            }
        }
    }

    function _move(View memory x, View memory y, uint256 axis, int256 distance) private pure {
        if (distance == 0) return;
        Views.advance(x, axis, distance);
        Views.advance(y, axis, distance);
    }

    function _run(
        View memory x,
        View memory y,
        Run memory rx,
        Run memory ry,
        uint256 axis,
        uint256 n
    ) private pure returns (int256 sum) {
        unchecked {
            Views.look(x, rx, axis, n);
            Views.look(y, ry, axis, n);
            if (!rx.mixed && !ry.mixed) {
                uint256 first = rx.first > ry.first ? rx.first : ry.first;
                uint256 end = rx.end < ry.end ? rx.end : ry.end;
                return first < end ? _inside(x, y, rx, ry, axis, first, end - first) : int256(0);
            }
            for (uint256 t = 0; t < n; t++) {
                (bool insideX, uint256 px) = Views.locate(x, rx, axis, t);
                (bool insideY, uint256 py) = Views.locate(y, ry, axis, t);
                if (insideX && insideY) {
                    sum += Openings.read(x.source, px) * Openings.read(y.source, py);
                }
            }
        }
    }

    /// n >= 1 terms of a run from `first` on, all inside.
    function _inside(
        View memory x,
        View memory y,
        Run memory rx,
        Run memory ry,
        uint256 axis,
        uint256 first,
        uint256 n
    ) private pure returns (int256) {
        uint256 frame;
        assembly ("memory-safe") {
            // Not kept.
            frame := mload(0x40)
            mstore(frame, shl(5, axis))
            mstore(add(frame, 0x60), add(mload(add(x, 0x40)), 0x20))
            mstore(add(frame, 0x80), add(mload(add(y, 0x40)), 0x20))
            mstore(add(frame, 0xa0), mload(x))
            mstore(add(frame, 0xc0), mload(y))
            mstore(add(frame, 0xe0), add(mload(rx), mul(first, mload(add(rx, 0x20)))))
            mstore(add(frame, 0x100), add(mload(ry), mul(first, mload(add(ry, 0x20)))))
        }
        return _straight(frame, n, 0);
    }

    /// Adds n >= 1 terms of a frame, all inside, and moves its positions past them: as many at once as stay
    /// in one leaf of each.
    function _straight(uint256 frame, uint256 n, int256 start) private pure returns (int256 sum) {
        sum = start;
        while (n != 0) {
            uint256 a;
            uint256 b;
            assembly ("memory-safe") {
                a := mload(add(frame, 0xa0))
                b := mload(add(frame, 0xe0))
            }
            a = Openings.locate(a, b);
            uint256 py;
            assembly ("memory-safe") {
                b := mload(add(frame, 0xc0))
                py := mload(add(frame, 0x100))
            }
            b = Openings.locate(b, py);
            assembly ("memory-safe") {
                /// Steps until a position has left its leaf; at least 1.
                function stay(position, step) -> k {
                    let e := and(position, 31)
                    switch sgt(step, 0)
                    case 0 {
                        switch step
                        case 0 { k := not(0) }
                        default { k := add(div(e, sub(0, step)), 1) }
                    }
                    default { k := add(div(sub(31, e), step), 1) }
                }
                let axis := mload(frame)
                let dx := mload(add(mload(add(frame, 0x60)), axis))
                let dy := mload(add(mload(add(frame, 0x80)), axis))
                let k := n
                if gt(n, 1) {
                    let other := stay(mload(add(frame, 0xe0)), dx)
                    if lt(other, k) { k := other }
                    other := stay(py, dy)
                    if lt(other, k) { k := other }
                }
                n := sub(n, k)
                mstore(add(frame, 0xe0), add(mload(add(frame, 0xe0)), mul(k, dx)))
                mstore(add(frame, 0x100), add(py, mul(k, dy)))
                dx := shl(2, dx)
                dy := shl(2, dy)
                for {} k { k := sub(k, 1) } {
                    sum := add(sum, mul(sar(224, calldataload(a)), sar(224, calldataload(b))))
                    a := add(a, dx)
                    b := add(b, dy)
                }
            }
        }
    }
}
