// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Openings} from "./Openings.sol";
import {Axes, Run, View, Views} from "./Views.sol";

/// A box of sum axes: the first `from` of them fixed, and along the others `extents` from where they stand.
/// `done`: how far the evaluation has moved along each.
struct Box {
    uint256 from;
    uint256[] extents;
    uint256[] done;
    uint256 inner; // the axis along which it is run through: the longest
}

/// @title Σ x · y over consecutive terms of the sum axes.
/// @dev Consecutive terms are a few boxes, and the order within a box is free: each is taken in runs along
///   its longest axis. Where both positions move evenly, elements are located once a leaf and not for each
///   term. An element is read where both operands are inside.
library Sums {
    /// From axes.index on; `terms` >= 1 are left there.
    function chunk(Axes memory axes, uint256 terms, View memory x, View memory y)
        internal
        pure
        returns (int256 sum)
    {
        unchecked {
            uint256 domain = axes.domain;
            uint256 rank = axes.sizes.length - domain;
            Run memory rx;
            Run memory ry;
            if (rank == 0) return _run(x, y, rx, ry, 0, 1);
            Box memory box;
            box.extents = new uint256[](rank);
            box.done = new uint256[](rank);
            while (true) {
                // Axes that are at their start and whose whole length is left are inside of the box.
                uint256 inside = 1;
                uint256 axis = rank - 1;
                box.inner = axis;
                while (true) {
                    uint256 size = axes.sizes[domain + axis];
                    uint256 extent = size - axes.index[domain + axis];
                    uint256 rows = terms / inside;
                    if (rows < extent) extent = rows;
                    box.extents[axis] = extent;
                    if (extent > box.extents[box.inner]) box.inner = axis;
                    if (axis == 0 || extent < size || rows == size) break;
                    inside *= size;
                    axis--;
                }
                box.from = axis;
                sum += _box(box, x, y, rx, ry);
                uint256 moved = box.extents[axis];
                terms -= moved * inside;
                if (terms == 0) return sum;
                _carry(axes, x, y, axis, moved);
            }
        }
    }

    /// Moves along an axis, and at its end back to its start and along the one before.
    function _carry(Axes memory axes, View memory x, View memory y, uint256 axis, uint256 distance)
        private
        pure
    {
        unchecked {
            while (true) {
                uint256 place = axes.domain + axis;
                uint256 to = axes.index[place] + distance;
                if (to < axes.sizes[place]) {
                    axes.index[place] = to;
                    return _move(x, y, axis, int256(distance));
                }
                _move(x, y, axis, -int256(axes.index[place]));
                axes.index[place] = 0;
                distance = 1;
                axis--;
            }
        }
    }

    /// All of a box; the views are at its start before and after.
    function _box(Box memory box, View memory x, View memory y, Run memory rx, Run memory ry)
        private
        pure
        returns (int256 sum)
    {
        unchecked {
            (uint256 from, uint256 inner) = (box.from, box.inner);
            uint256 n = box.extents[inner];
            while (true) {
                sum += _run(x, y, rx, ry, inner, n);
                uint256 axis = box.extents.length;
                while (true) {
                    if (axis == from) return sum;
                    axis--;
                    if (axis == inner) continue;
                    uint256 next = box.done[axis] + 1;
                    if (next < box.extents[axis]) {
                        box.done[axis] = next;
                        _move(x, y, axis, 1);
                        break;
                    }
                    _move(x, y, axis, -int256(next - 1));
                    box.done[axis] = 0;
                }
            }
        }
    }

    function _move(View memory x, View memory y, uint256 axis, int256 distance) private pure {
        if (distance == 0) return;
        Views.advance(x, axis, distance);
        Views.advance(y, axis, distance);
    }

    /// n terms along an axis, as many at once as read evenly.
    function _run(
        View memory x,
        View memory y,
        Run memory rx,
        Run memory ry,
        uint256 axis,
        uint256 n
    ) private pure returns (int256 sum) {
        unchecked {
            uint256 done = 0;
            while (true) {
                Views.look(x, rx, axis, done, n - done);
                Views.look(y, ry, axis, done, n - done);
                uint256 next = rx.n < ry.n ? rx.n : ry.n;
                if (rx.mixed || ry.mixed) {
                    sum += _uneven(x, y, rx, ry, axis, done, next);
                } else {
                    uint256 first = rx.first > ry.first ? rx.first : ry.first;
                    uint256 end = rx.end < ry.end ? rx.end : ry.end;
                    if (next < end) end = next;
                    if (first < end) {
                        rx.position += int256(first) * rx.step;
                        ry.position += int256(first) * ry.step;
                        sum += _even(x, y, rx, ry, end - first);
                    }
                }
                done += next;
                if (done == n) return sum;
            }
        }
    }

    /// n >= 1 terms from the runs' positions on, all inside: as many at once as stay in one leaf of each.
    function _even(View memory x, View memory y, Run memory rx, Run memory ry, uint256 n)
        private
        pure
        returns (int256 sum)
    {
        while (n != 0) {
            uint256 a;
            uint256 b;
            assembly ("memory-safe") {
                a := mload(x)
                b := mload(rx)
            }
            a = Openings.locate(a, b);
            uint256 sy;
            assembly ("memory-safe") {
                sy := mload(y)
                b := mload(ry)
            }
            b = Openings.locate(sy, b);
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
                let px := mload(rx)
                let py := mload(ry)
                let dx := mload(add(rx, 0x20))
                let dy := mload(add(ry, 0x20))
                let k := n
                if gt(n, 1) {
                    let other := stay(px, dx)
                    if lt(other, k) { k := other }
                    other := stay(py, dy)
                    if lt(other, k) { k := other }
                }
                n := sub(n, k)
                mstore(rx, add(px, mul(k, dx)))
                mstore(ry, add(py, mul(k, dy)))
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

    /// n terms, `skip` terms from where the views stand, of which gathers are part: each is located by itself.
    /// Magnitudes: a position is below 2^100, so that one moved down by 2^128 stays negative.
    function _uneven(
        View memory x,
        View memory y,
        Run memory rx,
        Run memory ry,
        uint256 axis,
        uint256 skip,
        uint256 n
    ) private pure returns (int256 sum) {
        assembly ("memory-safe") {
            /// As Openings.locate.
            function data(source, position) -> place {
                let tag := add(shr(5, position), 1)
                place := mload(add(source, 0xa0))
                if iszero(eq(tag, mload(add(source, 0x80)))) {
                    let table := mload(source)
                    let shift := mload(add(source, 0x20))
                    let mask := shr(shift, 0xffffffffffffffffffffffffffffffff)
                    let b := and(shr(shift, mul(tag, 0x9e3779b97f4a7c15f39cc0605cedc835)), mask)
                    let entry := mload(add(table, shl(5, b)))
                    for {} iszero(eq(shr(64, entry), tag)) {} {
                        if iszero(entry) {
                            // LeafNotOpened(list, index, leaf)
                            mstore(0, shl(224, 0x304de7db))
                            mstore(0x04, mload(add(source, 0x40)))
                            mstore(0x24, mload(add(source, 0x60)))
                            mstore(0x44, sub(tag, 1))
                            revert(0, 0x64)
                        }
                        b := and(add(b, 1), mask)
                        entry := mload(add(table, shl(5, b)))
                    }
                    place := and(entry, 0xffffffffffffffff)
                    mstore(add(source, 0x80), tag)
                    mstore(add(source, 0xa0), place)
                }
                place := add(place, shl(2, and(position, 31)))
            }
            /// Where each of the terms reads, a negative number where it reads nothing.
            function locate(v, r, slot, from, n_, to) {
                let far := shl(128, 1)
                let end := add(to, shl(5, n_))
                {
                    let p := mload(r)
                    let step := mload(add(r, 0x20))
                    let enter := add(to, shl(5, mload(add(r, 0x40))))
                    let beyond := add(to, shl(5, mload(add(r, 0x60))))
                    for { let item := to } lt(item, end) { item := add(item, 0x20) } {
                        mstore(
                            item,
                            sub(p, mul(far, or(lt(item, enter), iszero(lt(item, beyond)))))
                        )
                        p := add(p, step)
                    }
                }
                if iszero(mload(add(r, 0x80))) { leave }
                let place := mload(add(v, 0x80))
                for { let done := add(place, shl(5, mload(place))) } lt(place, done) {} {
                    place := add(place, 0x20)
                    let f := mload(place)
                    let step := mload(add(mload(add(f, 0x40)), slot))
                    if or(iszero(step), iszero(mload(f))) { continue }
                    let here := add(mload(add(f, 0x20)), mul(step, from))
                    if eq(mload(f), 1) {
                        let source := mload(add(f, 0xa0))
                        let limit := mload(add(f, 0x60))
                        let stride := mload(add(f, 0x80))
                        for { let item := to } lt(item, end) { item := add(item, 0x20) } {
                            let u := sar(224, calldataload(data(source, here)))
                            here := add(here, step)
                            switch lt(u, limit)
                            case 0 { u := sub(0, far) }
                            default { u := mul(u, stride) }
                            mstore(item, add(mload(item), u))
                        }
                        continue
                    }
                    for { let item := to } lt(item, end) { item := add(item, 0x20) } {
                        mstore(item, add(mload(item), split(f, here)))
                        here := add(here, step)
                    }
                }
            }
            /// As Views does it.
            function split(f, here) -> part {
                let length := mload(add(f, 0xc0))
                let stride := mload(add(f, 0xe0))
                for { let end := add(length, shl(5, mload(length))) } lt(length, end) {} {
                    length := add(length, 0x20)
                    stride := add(stride, 0x20)
                    let size := mload(length)
                    part := add(part, mul(mod(here, size), mload(stride)))
                    here := div(here, size)
                }
            }
            let slot := shl(5, add(axis, 1))
            // Two lists of positions beyond what is allocated.
            let px := mload(0x40)
            let py := add(px, shl(5, n))
            locate(x, rx, slot, skip, n, px)
            locate(y, ry, slot, skip, n, py)
            x := mload(x)
            y := mload(y)
            for { let end := py } lt(px, end) {} {
                let a := mload(px)
                let b := mload(py)
                px := add(px, 0x20)
                py := add(py, 0x20)
                if slt(or(a, b), 0) { continue }
                sum := add(
                    sum,
                    mul(sar(224, calldataload(data(x, a))), sar(224, calldataload(data(y, b))))
                )
            }
        }
    }
}
