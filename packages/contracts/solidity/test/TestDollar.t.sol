// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {TestDollar} from "../src/TestDollar.sol";
import {Cheats, vm} from "./Cheats.sol";

contract TestDollarTest is Cheats {
    uint256 private constant KEY = 0xa11ce;
    uint256 private constant START = 1_800_000_000;
    TestDollar private usd;
    address private from = vm.addr(KEY);
    address private to = address(0xB0B);

    struct Authorization {
        uint256 value;
        uint256 validAfter;
        uint256 validBefore;
        bytes32 nonce;
    }

    function setUp() public {
        vm.warp(START);
        usd = new TestDollar();
        usd.mint(from, 100);
    }

    function _sign(string memory name, Authorization memory a)
        private
        view
        returns (uint8 v, bytes32 r, bytes32 s)
    {
        bytes32 typeHash = keccak256(
            bytes.concat(
                bytes(name),
                "(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
            )
        );
        bytes32 struct_ = keccak256(
            abi.encode(typeHash, from, to, a.value, a.validAfter, a.validBefore, a.nonce)
        );
        return vm.sign(KEY, keccak256(abi.encodePacked(hex"1901", usd.DOMAIN_SEPARATOR(), struct_)));
    }

    function test_Domain() public view {
        assertEq(
            usd.DOMAIN_SEPARATOR(),
            keccak256(
                abi.encode(
                    keccak256(
                        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                    ),
                    keccak256("Test Dollar"),
                    keccak256("1"),
                    block.chainid,
                    address(usd)
                )
            ),
            "domain"
        );
        assertEq(usd.decimals(), 6, "decimals");
    }

    function test_Transfer() public {
        Authorization memory a = Authorization(40, 0, START + 10, "n");
        (uint8 v, bytes32 r, bytes32 s) = _sign("TransferWithAuthorization", a);
        usd.transferWithAuthorization(from, to, 40, 0, START + 10, "n", v, r, s);
        assertEq(usd.balanceOf(to), 40, "moved");
        require(usd.authorizationState(from, "n"), "used");
        vm.expectRevert(
            abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, from, bytes32("n"))
        );
        usd.transferWithAuthorization(from, to, 40, 0, START + 10, "n", v, r, s);
    }

    function test_ReceiveOnlyByThePayee() public {
        Authorization memory a = Authorization(40, 0, START + 10, "n");
        (uint8 v, bytes32 r, bytes32 s) = _sign("ReceiveWithAuthorization", a);
        vm.expectRevert();
        usd.receiveWithAuthorization(from, to, 40, 0, START + 10, "n", v, r, s);
        vm.startPrank(to);
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        usd.receiveWithAuthorization(from, to, 41, 0, START + 10, "n", v, r, s);
        usd.receiveWithAuthorization(from, to, 40, 0, START + 10, "n", v, r, s);
        vm.stopPrank();
        assertEq(usd.balanceOf(to), 40, "moved");
    }

    function test_Times() public {
        Authorization memory a = Authorization(1, START + 5, START + 10, "n");
        (uint8 v, bytes32 r, bytes32 s) = _sign("TransferWithAuthorization", a);
        vm.expectRevert();
        usd.transferWithAuthorization(from, to, 1, START + 5, START + 10, "n", v, r, s);
        vm.warp(START + 10);
        vm.expectRevert();
        usd.transferWithAuthorization(from, to, 1, START + 5, START + 10, "n", v, r, s);
        vm.warp(START + 9);
        usd.transferWithAuthorization(from, to, 1, START + 5, START + 10, "n", v, r, s);
    }
}
