import { bytesOfK, bytesOfWords } from '@assay/core/codec';
import type { K } from '@assay/core/field';
import { asciiBytes, keccak256 } from '@assay/core/hash';
import { commitmentName } from '../commitment/index.ts';
import { asciiJson, bytesOf } from './json.ts';
import type { PortValue } from './types.ts';

const MODEL_DOMAIN: Uint8Array = asciiBytes('assay/model/v1');
const VALUES_DOMAIN: Uint8Array = asciiBytes('assay/values/v1');
const PORTS_DOMAIN: Uint8Array = asciiBytes('assay/ports/v1');

/**
 * The name of a committed model: keccak256("assay/model/v1" ‖ root ‖ y_reg), y_reg as u32 LE words.
 * A bare root can stand for several polynomials; with its registered answers it names one.
 */
export function modelName(root: Uint8Array, yReg: readonly K[]): Uint8Array {
  return keccak256(MODEL_DOMAIN, root, bytesOfK(yReg));
}

const u32 = (value: number): Uint8Array => bytesOfWords([value]);

/**
 * keccak256("assay/values/v1" ‖ u32 LE count ‖ the integers as i32 LE). It binds, it does not hide:
 * whoever can guess the integers can confirm them.
 */
export function valuesDigest(values: Int32Array): Uint8Array {
  return keccak256(VALUES_DOMAIN, u32(values.length), bytesOfWords(values));
}

const HIDDEN: Uint8Array = keccak256(asciiBytes('assay/hidden/v1'));

/** What stands for a port in the receipt's subject: `valuesDigest`, a commitment's name, or that it is hidden. */
export function portDigest(port: PortValue): Uint8Array {
  switch (port.kind) {
    case 'values':
      return valuesDigest(port.values);
    case 'digest':
      return port.digest;
    case 'committed':
      return commitmentName(port.root, port.yReg);
    case 'hidden':
      return HIDDEN;
  }
}

/** keccak256("assay/ports/v1" ‖ per port: u32 LE length of its name in ASCII JSON ‖ that name ‖ portDigest). */
export function portsDigest(ports: readonly PortValue[]): Uint8Array {
  return keccak256(
    PORTS_DOMAIN,
    ...ports.flatMap((port) => {
      const name = bytesOf(asciiJson(port.name));
      return [u32(name.length), name, portDigest(port)];
    }),
  );
}
