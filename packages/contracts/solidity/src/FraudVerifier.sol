// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    FraudProof,
    Kind,
    List,
    Lists,
    Opening,
    PaddingProof,
    RelationRef
} from "./interfaces/Commitments.sol";
import {IFraudVerifier} from "./interfaces/IFraudVerifier.sol";
import {Codec, Tensor} from "./lib/Codec.sol";
import {Openings, Source} from "./lib/Openings.sol";
import {Sums} from "./lib/Sums.sol";
import {Trees} from "./lib/Trees.sol";
import {Axes, Context, View, Views} from "./lib/Views.sol";

/// bias + Σ coefficients · views.
struct Form {
    int256 bias;
    int256[] coefficients;
    View[] views;
}

struct Einsum {
    uint256[] domain;
    Axes axes; // at the first term of the chunk
    uint256 terms;
    int256 scale;
    View x;
    View y;
    Source partials;
    bool first;
    bool last;
    int256 before; // position of P_{c−1} among the partials
    int256 own; // and of P_c
    Form claim;
}

/// One coordinate into a table: `value`, plus the form's if it is keyed.
struct Coordinate {
    bool keyed;
    int256 value;
    Form form;
}

/// @title The judge of fraud proofs.
/// @dev The body is read and checked as a whole, and with it every opening, before anything is evaluated.
///
///   Exact over the integers without checked arithmetic: elements are int32, constants of a descriptor
///   below 2^53. A form: 2^53 + 16 · 2^53 · 2^31 < 2^90. A chunk: 1,024 · 2^62 = 2^72; with a partial
///   < 2^73; scaled < 2^126; plus the claim < 2^127. Positions: see Views. All far inside int256.
contract FraudVerifier is IFraudVerifier {
    uint256 private constant MAX_TERMS = 16;
    uint256 private constant MAX_CHUNK = 1024;

    /// @inheritdoc IFraudVerifier
    function violated(Lists calldata lists, FraudProof calldata proof)
        external
        pure
        returns (bool)
    {
        Opening[] calldata openings = proof.openings;
        Context memory c = _context(lists.relations, lists.relationCount, proof.relation);
        c.opened = Openings.start(openings);
        uint256 element = proof.element;
        Kind kind = proof.relation.kind;
        if (kind == Kind.Einsum) return _einsum(lists, openings, c, element);
        if (kind == Kind.Lookup) return _lookup(lists, openings, c, element);
        return _interval(lists, openings, c, kind, element);
    }

    /// @inheritdoc IFraudVerifier
    function paddingViolated(Lists calldata lists, PaddingProof calldata proof)
        external
        pure
        returns (bool)
    {
        Opening calldata opening = proof.opening;
        uint256 list = uint256(opening.list);
        if (opening.list != List.Trace && opening.list != List.Output) revert OpeningRejected(0);
        Openings.checkPath(lists, opening, 0);
        if (opening.index >= lists.lengths[list]) return opening.root != 0;
        RelationRef calldata mention = proof.mention;
        Context memory c = _context(lists.relations, lists.relationCount, mention);
        Tensor memory t = _mentioned(c, mention.kind, proof.slot);
        if (t.list != list || t.index != opening.index) revert OpeningRejected(0);
        uint256 leaves = Trees.leafCount(t.count);
        uint256 depth = Trees.depth(leaves);
        return opening.leaves.length > 0
            ? _lastLeafViolated(opening, t.count, depth)
            : _nodeViolated(proof, leaves, depth);
    }

    /// @inheritdoc IFraudVerifier
    function mentioned(
        bytes32 relations,
        uint32 relationCount,
        RelationRef calldata mention,
        uint8 slot
    ) external pure returns (List list, uint32 index, uint256 elements) {
        Context memory c = _context(relations, relationCount, mention);
        Tensor memory t = _mentioned(c, mention.kind, slot);
        return (List(t.list), uint32(t.index), t.count);
    }

    // ── Relations ────────────────────────────────────────────────────────────────────────────────

    /// Linear: form = 0. Range: lo <= form <= hi.
    function _interval(
        Lists calldata lists,
        Opening[] calldata openings,
        Context memory c,
        Kind kind,
        uint256 element
    ) private pure returns (bool) {
        Axes memory axes = _domain(c, element);
        int256 lo = kind == Kind.Range ? Codec.i64(c.reader) : int256(0);
        int256 hi = kind == Kind.Range ? Codec.i64(c.reader) : int256(0);
        Form memory form = _readForm(lists, openings, c, axes);
        _finish(c);
        int256 v = _value(form);
        return v < lo || v > hi;
    }

    /// value = table[coordinates].
    function _lookup(
        Lists calldata lists,
        Opening[] calldata openings,
        Context memory c,
        uint256 element
    ) private pure returns (bool) {
        Axes memory axes = _domain(c, element);
        Form memory form = _readForm(lists, openings, c, axes);
        (Tensor memory t, Source memory table, Coordinate[] memory coordinates) =
            _readTable(lists, openings, c, axes);
        _finish(c);
        // All is read, whatever it says, but for the table's element, which may not exist.
        int256 v = _value(form);
        bool inside = true;
        uint256 position = 0;
        unchecked {
            for (uint256 i = 0; i < coordinates.length; i++) {
                Coordinate memory coordinate = coordinates[i];
                int256 j = coordinate.value;
                if (coordinate.keyed) j += _value(coordinate.form);
                if (j < 0 || j >= int256(t.dims[i])) inside = false;
                position += uint256(j) * t.strides[i];
            }
        }
        return !inside || v != Openings.read(table, position);
    }

    /// One chunk of a contraction.
    function _einsum(
        Lists calldata lists,
        Opening[] calldata openings,
        Context memory c,
        uint256 element
    ) private pure returns (bool) {
        Einsum memory e = _readEinsum(lists, openings, c, element);
        unchecked {
            int256 sum = Sums.chunk(e.axes, e.terms, e.x, e.y);
            if (!e.first) sum += Openings.read(e.partials, uint256(e.before));
            if (!e.last) return sum != Openings.read(e.partials, uint256(e.own));
            return e.scale * sum + _value(e.claim) != 0;
        }
    }

    function _readEinsum(
        Lists calldata lists,
        Opening[] calldata openings,
        Context memory c,
        uint256 element
    ) private pure returns (Einsum memory e) {
        unchecked {
            uint256 outputs;
            (e.domain, outputs) = Codec.shape(c.reader);
            (uint256[] memory sizes, uint256 total) = Codec.shape(c.reader);
            uint256 chunk = Codec.take(c.reader, 4);
            if (
                e.domain.length + sizes.length > Codec.MAX_AXES || chunk == 0 || chunk > MAX_CHUNK
                    || chunk & (chunk - 1) != 0
            ) revert DescriptorRejected();
            uint256 chunks = (total + chunk - 1) / chunk;
            if (element >= chunks * outputs) revert ElementOutOfDomain();
            uint256 number = element / outputs;
            e.first = number == 0;
            e.last = number == chunks - 1;
            uint256 from = number * chunk;
            e.terms = e.last ? total - from : chunk;
            e.axes = _axes(e.domain, sizes, element % outputs, from);
            e.scale = Codec.i64(c.reader);
            e.x = Views.prepare(lists, openings, c, e.axes);
            e.y = Views.prepare(lists, openings, c, e.axes);
            uint256 flag = Codec.u8(c.reader);
            if (flag > 1 || (flag == 1) != (chunks > 1)) revert DescriptorRejected();
            if (flag == 1) {
                Tensor memory t;
                (t, e.partials) = Views.mention(lists, openings, c);
                _partials(e, t, chunks - 1, number);
            }
            Axes memory axes = _axes(e.domain, new uint256[](0), element % outputs, 0);
            e.claim = _readForm(lists, openings, c, axes);
            _finish(c);
        }
    }

    /// Partials are of shape [chunks − 1] ++ domain.
    function _partials(Einsum memory e, Tensor memory t, uint256 rows, uint256 number)
        private
        pure
    {
        unchecked {
            uint256 rank = e.domain.length;
            if (t.dims.length != rank + 1 || t.dims[0] != rows) revert DescriptorRejected();
            uint256 position = number * t.strides[0];
            for (uint256 a = 0; a < rank; a++) {
                if (t.dims[a + 1] != e.domain[a]) revert DescriptorRejected();
                position += e.axes.index[a] * t.strides[a + 1];
            }
            e.own = int256(position);
            e.before = int256(position) - int256(t.strides[0]);
        }
    }

    // ── Descriptors ──────────────────────────────────────────────────────────────────────────────

    /// The relation is the program's; its body is about to be read.
    function _context(bytes32 relations, uint256 relationCount, RelationRef calldata r)
        private
        pure
        returns (Context memory c)
    {
        if (
            r.index >= relationCount || r.path.length != Trees.depth(relationCount)
                || Trees.pathRoot(Trees.relation(r.kind, r.body), r.index, r.path) != relations
        ) revert RelationNotInProgram();
        c.reader = Codec.open(r.body);
    }

    function _finish(Context memory c) private pure {
        Codec.finish(c.reader);
        Openings.finish(c.opened);
    }

    function _domain(Context memory c, uint256 element) private pure returns (Axes memory) {
        (uint256[] memory domain, uint256 count) = Codec.shape(c.reader);
        if (element >= count) revert ElementOutOfDomain();
        return _axes(domain, new uint256[](0), element, 0);
    }

    /// Row-major digits of an element of the domain and of a term of the sum.
    function _axes(uint256[] memory domain, uint256[] memory sum, uint256 element, uint256 term)
        private
        pure
        returns (Axes memory axes)
    {
        unchecked {
            axes.domain = domain.length;
            axes.sizes = new uint256[](domain.length + sum.length);
            axes.index = new uint256[](domain.length + sum.length);
            for (uint256 a = domain.length; a > 0; a--) {
                axes.sizes[a - 1] = domain[a - 1];
                axes.index[a - 1] = element % domain[a - 1];
                element /= domain[a - 1];
            }
            for (uint256 a = sum.length; a > 0; a--) {
                axes.sizes[domain.length + a - 1] = sum[a - 1];
                axes.index[domain.length + a - 1] = term % sum[a - 1];
                term /= sum[a - 1];
            }
        }
    }

    function _readForm(
        Lists calldata lists,
        Opening[] calldata openings,
        Context memory c,
        Axes memory axes
    ) private pure returns (Form memory form) {
        form.bias = Codec.i64(c.reader);
        uint256 count = Codec.u8(c.reader);
        if (count > MAX_TERMS) revert DescriptorRejected();
        form.coefficients = new int256[](count);
        form.views = new View[](count);
        for (uint256 i = 0; i < count; i++) {
            form.coefficients[i] = Codec.i64(c.reader);
            form.views[i] = Views.prepare(lists, openings, c, axes);
        }
    }

    function _value(Form memory form) private pure returns (int256 v) {
        unchecked {
            v = form.bias;
            for (uint256 i = 0; i < form.views.length; i++) {
                v += form.coefficients[i] * Views.value(form.views[i]);
            }
        }
    }

    /// A Constant, with one coordinate for each of its axes.
    function _readTable(
        Lists calldata lists,
        Opening[] calldata openings,
        Context memory c,
        Axes memory axes
    ) private pure returns (Tensor memory t, Source memory table, Coordinate[] memory coordinates) {
        (t, table) = Views.mention(lists, openings, c);
        if (t.list != uint256(List.Constant)) revert DescriptorRejected();
        coordinates = new Coordinate[](t.dims.length);
        for (uint256 i = 0; i < coordinates.length; i++) {
            coordinates[i] = _coordinate(lists, openings, c, axes);
        }
    }

    function _coordinate(
        Lists calldata lists,
        Opening[] calldata openings,
        Context memory c,
        Axes memory axes
    ) private pure returns (Coordinate memory coordinate) {
        uint256 kind = Codec.u8(c.reader);
        if (kind == 0) {
            (coordinate.value,) = Views.affine(c.reader, axes);
        } else if (kind == 1) {
            coordinate.keyed = true;
            coordinate.value = -Codec.i32(c.reader);
            coordinate.form = _readForm(lists, openings, c, axes);
        } else {
            revert DescriptorRejected();
        }
    }

    /// The tensor that a relation mentions at `slot`: the body is read without any opening.
    function _mentioned(Context memory c, Kind kind, uint8 slot)
        private
        pure
        returns (Tensor memory)
    {
        Lists calldata lists;
        Opening[] calldata none;
        // No opening, so no list that one would be checked against.
        assembly ("memory-safe") {
            lists := 0
            none.offset := 0
            none.length := 0
        }
        c.slot = slot;
        if (kind == Kind.Einsum) {
            _readEinsum(lists, none, c, 0);
        } else {
            Axes memory axes = _domain(c, 0);
            if (kind == Kind.Range) {
                Codec.i64(c.reader);
                Codec.i64(c.reader);
            }
            _readForm(lists, none, c, axes);
            if (kind == Kind.Lookup) _readTable(lists, none, c, axes);
            _finish(c);
        }
        if (c.chosen.count == 0) revert DescriptorRejected();
        return c.chosen;
    }

    // ── Padding ──────────────────────────────────────────────────────────────────────────────────

    /// Elements beyond the tensor's in its last real leaf.
    function _lastLeafViolated(Opening calldata opening, uint256 count, uint256 depth)
        private
        pure
        returns (bool)
    {
        uint256 last = (count - 1) / Trees.LEAF_ELEMENTS;
        if (opening.leaves.length != 1 || opening.leaves[0] != last) revert OpeningRejected(0);
        Openings.checkLeaves(opening, depth, 0);
        bytes calldata padding = opening.data[4 * (count - last * Trees.LEAF_ELEMENTS):];
        for (uint256 i = 0; i < padding.length; i++) {
            if (padding[i] != 0) return true;
        }
        return false;
    }

    /// A node over padding leaves only.
    function _nodeViolated(PaddingProof calldata proof, uint256 leaves, uint256 depth)
        private
        pure
        returns (bool)
    {
        uint256 level = proof.level;
        uint256 position = proof.position;
        if (
            level > depth || position >> (depth - level) != 0 || position << level < leaves
                || proof.path.length != depth - level
                || Trees.pathRoot(proof.node, position, proof.path) != proof.opening.root
        ) revert OpeningRejected(0);
        return proof.node != Trees.zero(level);
    }
}
