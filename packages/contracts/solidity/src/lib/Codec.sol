// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFraudVerifier} from "../interfaces/IFraudVerifier.sol";

/// Cursor over a packed body: absolute positions in calldata.
struct Reader {
    uint256 cursor;
    uint256 end;
}

/// A tensor as a descriptor mentions it. `strides[a]`: distance in leaf order of neighbours along axis a.
struct Tensor {
    uint256 list;
    uint256 index;
    uint256[] dims;
    uint256[] strides;
    uint256 count;
    /// Of the shape and order, by which two mentions of one tensor are compared.
    bytes32 form;
}

/// @title Reading the packed codec of Commitments.sol.
/// @dev Lengths are at least 1 and a shape's product is below 2^31, for tensors, domains and sums alike;
///   i64 values are within ±(2^53 − 1), so that every reader of the codec can hold them exactly.
library Codec {
    uint256 internal constant MAX_RANK = 8;
    uint256 internal constant MAX_AXES = 12;
    int256 internal constant MAX_SAFE = 2 ** 53 - 1;

    function open(bytes calldata body) internal pure returns (Reader memory r) {
        assembly ("memory-safe") {
            mstore(r, body.offset)
            mstore(add(r, 0x20), add(body.offset, body.length))
        }
    }

    /// Unsigned big-endian integer of `size` <= 32 bytes.
    function take(Reader memory r, uint256 size) internal pure returns (uint256 v) {
        unchecked {
            uint256 from = r.cursor;
            uint256 next = from + size;
            if (next > r.end) revert IFraudVerifier.DescriptorRejected();
            r.cursor = next;
            assembly ("memory-safe") {
                v := shr(sub(256, shl(3, size)), calldataload(from))
            }
        }
    }

    function u8(Reader memory r) internal pure returns (uint256) {
        return take(r, 1);
    }

    function i32(Reader memory r) internal pure returns (int256) {
        return int32(uint32(take(r, 4)));
    }

    function i64(Reader memory r) internal pure returns (int256 v) {
        v = int64(uint64(take(r, 8)));
        if (v > MAX_SAFE || v < -MAX_SAFE) revert IFraudVerifier.DescriptorRejected();
    }

    function shape(Reader memory r) internal pure returns (uint256[] memory dims, uint256 count) {
        unchecked {
            uint256 rank = u8(r);
            if (rank > MAX_RANK) revert IFraudVerifier.DescriptorRejected();
            dims = new uint256[](rank);
            count = 1;
            for (uint256 a = 0; a < rank; a++) {
                uint256 dim = take(r, 4);
                dims[a] = dim;
                // Below 2^31 · 2^32 before the check.
                count *= dim;
                if (dim == 0 || count >= 2 ** 31) revert IFraudVerifier.DescriptorRejected();
            }
        }
    }

    function tensor(Reader memory r) internal pure returns (Tensor memory t) {
        unchecked {
            t.list = u8(r);
            if (t.list > 3) revert IFraudVerifier.DescriptorRejected();
            t.index = take(r, 4);
            uint256 from = r.cursor;
            (t.dims, t.count) = shape(r);
            uint256 rank = t.dims.length;
            t.strides = new uint256[](rank);
            // Strides from the innermost axis outwards; 0 marks an axis not yet met.
            uint256 order = take(r, rank);
            uint256 stride = 1;
            for (uint256 i = 0; i < rank; i++) {
                uint256 axis = uint8(order >> (8 * i));
                if (axis >= rank || t.strides[axis] != 0) {
                    revert IFraudVerifier.DescriptorRejected();
                }
                t.strides[axis] = stride;
                stride *= t.dims[axis];
            }
            t.form = _hash(from, r.cursor);
        }
    }

    function finish(Reader memory r) internal pure {
        if (r.cursor != r.end) revert IFraudVerifier.DescriptorRejected();
    }

    function _hash(uint256 from, uint256 to) private pure returns (bytes32 h) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, from, sub(to, from))
            h := keccak256(free, sub(to, from))
        }
    }
}
