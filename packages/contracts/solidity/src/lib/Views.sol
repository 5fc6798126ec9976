// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {List, Lists, Opening} from "../interfaces/Commitments.sol";
import {IFraudVerifier} from "../interfaces/IFraudVerifier.sol";
import {Codec, Reader, Tensor} from "./Codec.sol";
import {Opened, Openings, Source} from "./Openings.sol";

/// Logical axes of a view: domain, then sum. `index`: where the evaluation stands.
struct Axes {
    uint256[] sizes;
    uint256[] index;
    uint256 domain;
}

/// A view at one logical index, ready to move along the sum axes. `position` is the position in leaf
/// order but for the parts of gathers and splits; it means nothing while a coordinate is outside.
struct View {
    Source source;
    int256 position;
    int256[] steps; // change of `position` by sum axis
    bool outside; // a coordinate that no sum axis moves is outside
    Factor[] factors; // those that have to be looked at again on the way
}

enum FactorKind {
    Bounded, // `here` must be in [0, limit); its part of the position is in View.position
    Gather, // u = table[here] must be in [0, limit), and adds u · stride
    Split // here is a flat index over `lengths`, innermost first, and adds Σ digit · stride
}

struct Factor {
    FactorKind kind;
    int256 here;
    int256[] steps; // change of `here` by sum axis
    int256 limit;
    int256 stride;
    Source table;
    uint256[] lengths;
    uint256[] strides;
}

/// What holds of the next n terms along one sum axis: term t reads at position + step · t, and is inside
/// iff it is in [first, end). `mixed`: gathers that the axis moves, and splits with them, are not in that
/// and decide term by term.
struct Run {
    int256 position;
    int256 step;
    uint256 first;
    uint256 end;
    bool mixed;
    uint256 n;
}

/// Everything that reading a descriptor needs.
struct Context {
    Reader reader;
    Opened opened;
    uint256 slot; // tensors to pass before `chosen` is set
    Tensor chosen;
}

/// @title Views of Commitments.sol: where a logical index reads a tensor.
/// @dev Magnitudes: logical indices < 2^31, strides and offsets < 2^31 with at most 12 strides, so a
///   coordinate is below 2^66 and a position (coordinates · strides < 2^31, 8 axes) below 2^100.
///   Elements are int32. Nothing here can overflow an int256.
library Views {
    /// Mentions a tensor: its opened leaves, and its place among all that the body mentions.
    function mention(Lists calldata lists, Opening[] calldata openings, Context memory c)
        internal
        pure
        returns (Tensor memory t, Source memory s)
    {
        t = Codec.tensor(c.reader);
        s = Openings.source(lists, openings, c.opened, t);
        unchecked {
            if (c.slot-- == 0) c.chosen = t;
        }
    }

    /// Reads a view's descriptor, at axes.index.
    function prepare(
        Lists calldata lists,
        Opening[] calldata openings,
        Context memory c,
        Axes memory axes
    ) internal pure returns (View memory v) {
        unchecked {
            Tensor memory t;
            (t, v.source) = mention(lists, openings, c);
            v.steps = _steps(axes);
            uint256 count = Codec.u8(c.reader);
            uint256 rank = t.dims.length;
            if (count > rank) revert IFraudVerifier.DescriptorRejected();
            v.factors = new Factor[](count);
            uint256 kept;
            uint256 axis;
            for (uint256 i = 0; i < count; i++) {
                uint256 kind = Codec.u8(c.reader);
                Factor memory f;
                uint256 covered = 1;
                if (kind == 2) {
                    covered = Codec.u8(c.reader);
                    if (covered == 0) revert IFraudVerifier.DescriptorRejected();
                }
                if (axis + covered > rank) revert IFraudVerifier.DescriptorRejected();
                f.limit = int256(t.dims[axis]);
                f.stride = int256(t.strides[axis]);
                if (kind == 0) {
                    (f.here, f.steps) = affine(c.reader, axes);
                    _place(v, f);
                    if (_bounded(v, f, axes)) v.factors[kept++] = f;
                } else if (kind == 1) {
                    _gather(lists, openings, c, axes, f);
                    v.factors[kept++] = f;
                } else if (kind == 2) {
                    _reshape(c.reader, axes, t, axis, covered, f);
                    if (f.kind == FactorKind.Split) v.factors[kept++] = f;
                    else _place(v, f);
                } else {
                    revert IFraudVerifier.DescriptorRejected();
                }
                axis += covered;
            }
            if (axis != rank) revert IFraudVerifier.DescriptorRejected();
            Factor[] memory factors = v.factors;
            assembly ("memory-safe") {
                mstore(factors, kept)
            }
        }
    }

    /// offset + Σ stride · index[axis], and how the sum axes move it.
    function affine(Reader memory r, Axes memory axes)
        internal
        pure
        returns (int256 here, int256[] memory steps)
    {
        unchecked {
            steps = _steps(axes);
            here = Codec.i32(r);
            uint256 count = Codec.u8(r);
            if (count > Codec.MAX_AXES) revert IFraudVerifier.DescriptorRejected();
            for (uint256 i = 0; i < count; i++) {
                uint256 axis = Codec.u8(r);
                if (axis >= axes.sizes.length) revert IFraudVerifier.DescriptorRejected();
                int256 stride = Codec.i32(r);
                here += stride * int256(axes.index[axis]);
                if (axis >= axes.domain) steps[axis - axes.domain] += stride;
            }
        }
    }

    /// Moves a view by `distance` along a sum axis.
    function advance(View memory v, uint256 axis, int256 distance) internal pure {
        assembly ("memory-safe") {
            let slot := shl(5, add(axis, 1))
            let position := add(v, 0x20)
            let step := mload(add(mload(add(v, 0x40)), slot))
            mstore(position, add(mload(position), mul(distance, step)))
            let place := mload(add(v, 0x80))
            let end := add(place, shl(5, mload(place)))
            for {} lt(place, end) {} {
                place := add(place, 0x20)
                let here := add(mload(place), 0x20)
                step := mload(add(mload(add(here, 0x20)), slot))
                mstore(here, add(mload(here), mul(distance, step)))
            }
        }
    }

    /// Looks ahead along a sum axis, at n >= 1 terms or as many of them as read evenly, `skip` terms from
    /// where the view stands. Gathers that the axis does not move are read: tables always are.
    function look(View memory v, Run memory r, uint256 axis, uint256 skip, uint256 n)
        internal
        pure
    {
        unchecked {
            uint256 place;
            uint256 done;
            assembly ("memory-safe") {
                let step := mload(add(mload(add(v, 0x40)), shl(5, add(axis, 1))))
                mstore(r, add(mload(add(v, 0x20)), mul(skip, step)))
                mstore(add(r, 0x20), step)
                mstore(add(r, 0x40), 0)
                mstore(add(r, 0x60), mul(n, iszero(mload(add(v, 0x60)))))
                mstore(add(r, 0x80), 0)
                mstore(add(r, 0xa0), n)
                place := mload(add(v, 0x80))
                done := add(place, shl(5, mload(place)))
            }
            int256 part = 0;
            int256 slope = 0;
            while (place != done) {
                uint256 factor;
                uint256 kind;
                int256 here;
                int256 step;
                assembly ("memory-safe") {
                    place := add(place, 0x20)
                    factor := mload(place)
                    kind := mload(factor)
                    step := mload(add(mload(add(factor, 0x40)), shl(5, add(axis, 1))))
                    here := add(mload(add(factor, 0x20)), mul(skip, step))
                }
                if (kind == uint256(FactorKind.Bounded)) {
                    _clip(r, factor, here, step, n);
                } else if (step == 0) {
                    (bool inside, int256 p) = _part(factor, here);
                    if (!inside) r.end = 0;
                    r.position += p;
                } else if (kind == uint256(FactorKind.Gather)) {
                    r.mixed = true;
                } else {
                    (, int256 p) = _part(factor, here);
                    part += p;
                    // Along an axis of one index the step may be a multiple of the whole: no digit moves.
                    if (n > 1) slope += _slope(r, factor, here, step);
                }
            }
            if (r.mixed) {
                r.n = n;
            } else {
                r.position += part;
                r.step += slope;
            }
        }
    }

    /// How a split moves with its first digit that moves, and for how many terms: until that digit carries.
    function _slope(Run memory r, uint256 factor, int256 here, int256 step)
        private
        pure
        returns (int256 slope)
    {
        assembly ("memory-safe") {
            let length := mload(add(factor, 0xc0))
            let stride := mload(add(factor, 0xe0))
            for {} 1 {} {
                length := add(length, 0x20)
                stride := add(stride, 0x20)
                let size := mload(length)
                if smod(step, size) {
                    slope := mul(mload(stride), step)
                    let digit := mod(here, size)
                    let n := 0
                    switch sgt(step, 0)
                    case 0 { n := add(div(digit, sub(0, step)), 1) }
                    default { n := add(div(sub(sub(size, 1), digit), step), 1) }
                    if lt(n, mload(add(r, 0xa0))) { mstore(add(r, 0xa0), n) }
                    break
                }
                here := div(here, size)
                step := sdiv(step, size)
            }
        }
    }

    /// Narrows a run of n terms to where 0 <= here + step · t < the factor's limit.
    function _clip(Run memory r, uint256 factor, int256 here, int256 step, uint256 n) private pure {
        unchecked {
            int256 last;
            bool inside;
            assembly ("memory-safe") {
                let limit := mload(add(factor, 0x60))
                inside := and(lt(here, limit), lt(add(here, mul(step, sub(n, 1))), limit))
                last := sub(limit, 1)
            }
            if (inside) return;
            if (step == 0) {
                r.end = 0;
                return;
            }
            // Downwards is upwards from the other end.
            int256 ahead = step > 0 ? here : last - here;
            int256 pace = step > 0 ? step : -step;
            if (ahead < 0) {
                uint256 enter = uint256((pace - 1 - ahead) / pace);
                if (enter > r.first) r.first = enter;
            }
            int256 room = last - ahead;
            uint256 beyond = room < 0 ? 0 : uint256(room / pace + 1);
            if (beyond < r.end) r.end = beyond;
        }
    }

    /// The value of a view that no axis moves.
    function value(View memory v) internal pure returns (int256) {
        Run memory r;
        look(v, r, 0, 0, 1);
        return r.end == 0 ? int256(0) : Openings.read(v.source, uint256(r.position));
    }

    /// One entry for each sum axis, and at least one.
    function _steps(Axes memory axes) private pure returns (int256[] memory) {
        uint256 sums = axes.sizes.length - axes.domain;
        return new int256[](sums == 0 ? 1 : sums);
    }

    function _place(View memory v, Factor memory f) private pure {
        unchecked {
            v.position += f.stride * f.here;
            for (uint256 a = 0; a < v.steps.length; a++) {
                v.steps[a] += f.stride * f.steps[a];
            }
        }
    }

    /// Whether an affine coordinate has to be watched: it can be inside at some terms and outside at others.
    function _bounded(View memory v, Factor memory f, Axes memory axes)
        private
        pure
        returns (bool)
    {
        unchecked {
            int256 low = f.here;
            int256 high = low;
            for (uint256 axis = axes.domain; axis < axes.sizes.length; axis++) {
                int256 step = f.steps[axis - axes.domain];
                int256 back = step * int256(axes.index[axis]);
                int256 ahead = step * int256(axes.sizes[axis] - 1 - axes.index[axis]);
                low += step < 0 ? ahead : -back;
                high += step < 0 ? -back : ahead;
            }
            if (low >= 0 && high < f.limit) return false;
            if (low != high) return true;
            v.outside = true;
            return false;
        }
    }

    /// A Constant of rank 1 with one entry for each index of its axis.
    function _gather(
        Lists calldata lists,
        Opening[] calldata openings,
        Context memory c,
        Axes memory axes,
        Factor memory f
    ) private pure {
        unchecked {
            uint256 axis = Codec.u8(c.reader);
            Tensor memory t;
            (t, f.table) = mention(lists, openings, c);
            if (
                axis >= axes.sizes.length || t.list != uint256(List.Constant) || t.dims.length != 1
                    || t.count != axes.sizes[axis]
            ) revert IFraudVerifier.DescriptorRejected();
            f.kind = FactorKind.Gather;
            f.here = int256(axes.index[axis]);
            f.steps = _steps(axes);
            if (axis >= axes.domain) f.steps[axis - axes.domain] = 1;
        }
    }

    /// Equal numbers of elements on both sides, so no coordinate is ever outside. Storage axes that are
    /// neighbours in leaf order too are taken as one; if one remains, the factor is affine.
    function _reshape(
        Reader memory r,
        Axes memory axes,
        Tensor memory t,
        uint256 axis,
        uint256 covered,
        Factor memory f
    ) private pure {
        unchecked {
            uint256 size = _flatten(r, axes, f);
            f.lengths = new uint256[](covered);
            f.strides = new uint256[](covered);
            uint256 kept;
            uint256 elements = 1;
            for (uint256 i = axis + covered; i > axis; i--) {
                uint256 dim = t.dims[i - 1];
                uint256 stride = t.strides[i - 1];
                elements *= dim;
                if (dim == 1) continue;
                if (kept > 0 && stride == f.strides[kept - 1] * f.lengths[kept - 1]) {
                    f.lengths[kept - 1] *= dim;
                } else {
                    f.lengths[kept] = dim;
                    f.strides[kept++] = stride;
                }
            }
            if (elements != size) revert IFraudVerifier.DescriptorRejected();
            f.stride = kept == 0 ? int256(0) : int256(f.strides[0]);
            if (kept < 2) return;
            f.kind = FactorKind.Split;
            (uint256[] memory lengths, uint256[] memory strides) = (f.lengths, f.strides);
            assembly ("memory-safe") {
                mstore(lengths, kept)
                mstore(strides, kept)
            }
        }
    }

    /// Row-major flat index over the listed axes, innermost last, and the number of its values.
    function _flatten(Reader memory r, Axes memory axes, Factor memory f)
        private
        pure
        returns (uint256 size)
    {
        unchecked {
            uint256 count = Codec.u8(r);
            if (count > Codec.MAX_AXES) revert IFraudVerifier.DescriptorRejected();
            uint256 listed = Codec.take(r, count);
            f.steps = _steps(axes);
            size = 1;
            for (uint256 i = 0; i < count; i++) {
                uint256 axis = uint8(listed >> (8 * i));
                if (axis >= axes.sizes.length) revert IFraudVerifier.DescriptorRejected();
                f.here += int256(size * axes.index[axis]);
                if (axis >= axes.domain) f.steps[axis - axes.domain] += int256(size);
                size *= axes.sizes[axis];
                if (size >= 2 ** 31) revert IFraudVerifier.DescriptorRejected();
            }
        }
    }

    /// What a gather or a split (a pointer to one) at `here` adds to the position.
    function _part(uint256 factor, int256 here) private pure returns (bool inside, int256 part) {
        uint256 kind;
        uint256 source;
        assembly ("memory-safe") {
            kind := mload(factor)
            source := mload(add(factor, 0xa0))
        }
        if (kind == uint256(FactorKind.Gather)) {
            int256 u = Openings.readAt(source, uint256(here));
            assembly ("memory-safe") {
                // A negative entry is large without its sign.
                inside := lt(u, mload(add(factor, 0x60)))
                part := mul(u, mload(add(factor, 0x80)))
            }
            return (inside, part);
        }
        inside = true;
        assembly ("memory-safe") {
            let length := mload(add(factor, 0xc0))
            let stride := mload(add(factor, 0xe0))
            let end := add(length, shl(5, mload(length)))
            for {} lt(length, end) {} {
                length := add(length, 0x20)
                stride := add(stride, 0x20)
                let size := mload(length)
                part := add(part, mul(mod(here, size), mload(stride)))
                here := div(here, size)
            }
        }
    }
}
