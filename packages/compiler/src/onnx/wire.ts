/**
 * From bytes to messages. A protobuf can cost a hundred times its size once decoded (an empty message is
 * two bytes) and nest without end, so the wire format is surveyed first: one pass without allocation that
 * counts what the decoder will make, and rejects whatever does not fit the schema.
 */
import {
  fromBinary,
  ScalarType,
  type DescField,
  type DescMessage,
  type MessageShape,
} from '@bufbuild/protobuf';
import { malformed, overLimit } from './errors.ts';
import { defaultModelLimits, type ModelLimits } from './limits.ts';

const varint = 0;
const fixed64 = 1;
const delimited = 2;
const fixed32 = 5;

const wireTypeOfScalar = (scalar: ScalarType): number => {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return delimited;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return fixed64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return fixed32;
    default:
      return varint;
  }
};

/** What the survey must know about a field. */
interface FieldRule {
  readonly wireType: number;
  /** Whether the values may also come packed in one delimited run. */
  readonly packable: boolean;
  readonly message: DescMessage | null;
}

const ruleOf = (field: DescField): FieldRule => {
  const message = field.message ?? null;
  if (message !== null) return { wireType: delimited, packable: false, message };
  const wireType = field.scalar === undefined ? varint : wireTypeOfScalar(field.scalar);
  return { wireType, packable: field.fieldKind === 'list' && wireType !== delimited, message };
};

type Rules = Map<DescMessage, Map<number, FieldRule>>;

const rulesOf = (rules: Rules, schema: DescMessage): Map<number, FieldRule> => {
  const known = rules.get(schema);
  if (known !== undefined) return known;
  const made = new Map(schema.fields.map((field) => [field.number, ruleOf(field)]));
  rules.set(schema, made);
  return made;
};

class Survey {
  readonly #bytes: Uint8Array;
  readonly #limits: ModelLimits;
  readonly #rules: Rules = new Map();
  #objects = 0;
  #scalars = 0;
  #at = 0;

  constructor(bytes: Uint8Array, limits: ModelLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  /** Walks a message that ends at `end`. */
  message(schema: DescMessage, end: number, depth: number): void {
    if (depth > this.#limits.maxDepth)
      throw overLimit(`messages nest deeper than ${this.#limits.maxDepth}`);
    const rules = rulesOf(this.#rules, schema);
    while (this.#at < end) {
      const tag = this.#varint(end);
      const wireType = tag % 8;
      const rule = rules.get(Math.floor(tag / 8));
      if (tag < 8 || tag >= 2 ** 32) throw malformed(`illegal tag at byte ${this.#at}`);
      const packed = rule?.packable === true && wireType === delimited;
      if (rule !== undefined && wireType !== rule.wireType && !packed) {
        throw malformed(
          `field ${Math.floor(tag / 8)} of ${schema.typeName} has wire type ${wireType}`,
        );
      }
      if (rule === undefined) this.#count('objects', 1);
      if (wireType === varint) {
        this.#varint(end);
        this.#count('scalars', 1);
      } else if (wireType === fixed64 || wireType === fixed32) {
        this.#skip(wireType === fixed64 ? 8 : 4, end);
        this.#count('scalars', 1);
      } else if (wireType === delimited) {
        const length = this.#varint(end);
        const stop = this.#at + length;
        if (stop > end) throw malformed(`truncated at byte ${this.#at}: ${length} bytes announced`);
        if (packed) this.#packed(rule.wireType, stop);
        else this.#count('objects', 1);
        if (rule?.message) this.message(rule.message, stop, depth + 1);
        this.#at = stop;
      } else {
        throw malformed(`wire type ${wireType} at byte ${this.#at}`);
      }
    }
  }

  #packed(wireType: number, stop: number): void {
    if (wireType === varint) {
      while (this.#at < stop) {
        this.#varint(stop);
        this.#count('scalars', 1);
      }
      return;
    }
    // Packed fixed-size numbers cost at most twice their bytes: only their alignment matters.
    if ((stop - this.#at) % (wireType === fixed64 ? 8 : 4) !== 0) {
      throw malformed(`packed numbers of partial size at byte ${this.#at}`);
    }
  }

  #varint(end: number): number {
    let value = 0;
    for (let i = 0; i < 10; i += 1) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined || this.#at >= end) throw malformed(`truncated at byte ${this.#at}`);
      this.#at += 1;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw malformed(`number of more than 64 bits at byte ${this.#at}`);
  }

  #skip(length: number, end: number): void {
    this.#at += length;
    if (this.#at > end) throw malformed(`truncated at byte ${end}`);
  }

  #count(what: 'objects' | 'scalars', n: number): void {
    if (what === 'objects') this.#objects += n;
    else this.#scalars += n;
    if (this.#objects > this.#limits.maxObjects) {
      throw overLimit(`the file has more than ${this.#limits.maxObjects} messages and strings`);
    }
    if (this.#scalars > this.#limits.maxScalars) {
      throw overLimit(`the file has more than ${this.#limits.maxScalars} numbers outside raw data`);
    }
  }
}

/**
 * Decodes a message within the limits. Raw data are views of `bytes`: do not change them afterwards.
 *
 * Cost: linear in the file. Memory: about 300 bytes per object and 40 per scalar, at most.
 *
 * @throws {AssayError} `ASSAY_MODEL_MALFORMED`, `ASSAY_MODEL_LIMIT`.
 */
export const decodeMessage = <D extends DescMessage>(
  schema: D,
  bytes: Uint8Array,
  limits: ModelLimits = defaultModelLimits,
): MessageShape<D> => {
  if (bytes.length > limits.maxBytes) {
    throw overLimit(`the file has ${bytes.length} bytes, the limit is ${limits.maxBytes}`);
  }
  new Survey(bytes, limits).message(schema, bytes.length, 1);
  try {
    return fromBinary(schema, bytes);
  } catch (cause) {
    throw malformed(`not a ${schema.typeName}`, cause);
  }
};
