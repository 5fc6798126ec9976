import { err, ok, type Result } from '@assay/core/errors';
import { equalBytes } from '@assay/core/hash';
import type { ProofParameters } from '@assay/core/security';
import {
  encodeProgram,
  programDigest,
  renewalProgram,
  type Tensor,
  type Visibility,
} from '@assay/program';
import { type Argument, prepareArgument } from './argument/argument.ts';
import { rederive } from './argument/derive.ts';
import { isConstant, type PortCommitment } from './commitment/index.ts';
import type { VerifyingKey } from './key/index.ts';
import type { VerifyError } from './stages/errors.ts';
import type { CommittedValues, Statement } from './statement.ts';
import { type Verified, verifyArgument } from './verify-argument.ts';

/** A root that stands for the same values as an earlier one: of a private model, or of a committed tensor. */
export type Renewal =
  | { readonly of: 'model'; readonly earlier: VerifyingKey; readonly renewed: VerifyingKey }
  | {
      readonly of: 'tensor';
      readonly earlier: PortCommitment;
      readonly renewed: PortCommitment;
      /** Provable bits of the proof. */
      readonly targetBits: number;
    };

/** What is needed of either kind of renewal. */
interface Parts {
  readonly tensors: readonly Pick<Tensor, 'name' | 'shape' | 'range'>[];
  readonly name: CommittedValues;
  readonly earlier: CommittedValues;
  readonly visibility: Visibility;
  readonly targetBits: number;
  readonly logRows: number;
  readonly logInverseRate: number;
}

/** A commitment has no range: equality mod p is what its renewal shows, and this keeps the difference below p. */
const ANY = { lo: -(2 ** 29), hi: 2 ** 29 };

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((v, i) => v === b[i]);
}

/** Null: the two roots are not of one program, shape, column length and rate, or one of them hides nothing. */
function partsOf(renewal: Renewal): Parts | null {
  const hides = (tailRows: number, earlier: number): Visibility => ({
    weights: { kind: 'hidden', tailRows },
    inputs: [],
    outputs: [],
    renews: { of: renewal.of, tailRows: earlier },
  });
  if (renewal.of === 'tensor') {
    const { earlier, renewed, targetBits } = renewal;
    const { shape, logRows, logInverseRate } = renewed;
    if (logRows !== earlier.logRows || logInverseRate !== earlier.logInverseRate) return null;
    if (!sameNumbers(shape, earlier.shape)) return null;
    if (isConstant(renewed.yReg) || isConstant(earlier.yReg)) return null;
    const visibility = hides(renewed.tailRows, earlier.tailRows);
    const tensors = [{ name: 'values', shape, range: ANY }];
    return { tensors, name: renewed, earlier, visibility, targetBits, logRows, logInverseRate };
  }
  const { earlier, renewed } = renewal;
  const [old, own] = [earlier.visibility.weights, renewed.visibility.weights];
  const { whir, targetBits } = renewed.parameters;
  const before = earlier.parameters.whir;
  if (old.kind === 'public' || own.kind === 'public') return null;
  if (!equalBytes(earlier.programDigest, renewed.programDigest)) return null;
  const logInverseRate = whir.logInverseRates[0] ?? 0;
  if (whir.logRows !== before.logRows || logInverseRate !== before.logInverseRates[0]) return null;
  return {
    tensors: renewed.program.tensors.filter(({ role }) => role === 'model'),
    name: renewed.model,
    earlier: earlier.model,
    visibility: hides(own.tailRows, old.tailRows),
    targetBits,
    logRows: whir.logRows,
    logInverseRate,
  };
}

/** Parameters of which `rederive` keeps target, column length and rate. */
function seed({ targetBits, logRows, logInverseRate, name }: Parts): ProofParameters {
  return {
    targetBits,
    whir: {
      logRows,
      columns: 1,
      foldings: [1],
      logInverseRates: [logInverseRate],
      queries: [1],
      oodSamples: [1],
      foldPowBits: [0],
      queryPowBits: [0],
      blinding: null,
    },
    registeredSamples: name.yReg.length,
    lookupPowBits: 0,
    batchPowBits: 0,
    tailRows: 0,
  };
}

/**
 * Argument and statement of a renewal proof, for both sides: `renewalProgram` over the two roots.
 * Rejects: proof/renewal when the roots cannot stand for the same values; argument/….
 */
export function prepareRenewal(
  renewal: Renewal,
): Result<{ readonly argument: Argument; readonly statement: Statement }, VerifyError> {
  const parts = partsOf(renewal);
  if (parts === null) return err({ kind: 'proof/renewal' });
  const program = renewalProgram(parts.tensors);
  const bare: VerifyingKey = {
    program,
    programDigest: programDigest(encodeProgram(program)),
    parameters: seed(parts),
    model: { root: parts.name.root, yReg: parts.name.yReg },
    visibility: parts.visibility,
    registration: null,
  };
  const key = rederive(bare, parts.visibility);
  if (!key.ok) return key;
  const argument = prepareArgument(key.value);
  if (!argument.ok) return argument;
  const { root, yReg } = parts.earlier;
  const statement: Statement = {
    inputs: new Map(),
    outputs: new Map(),
    earlier: { root, yReg },
    nonce: new Uint8Array(0),
  };
  return ok({ argument: argument.value, statement });
}

/**
 * Verifies that a root holds what an earlier one holds. Of the values it says nothing.
 * Caller must: hold both names against those it means.
 */
export function verifyRenewal(renewal: Renewal, proof: Uint8Array): Result<Verified, VerifyError> {
  const prepared = prepareRenewal(renewal);
  return prepared.ok
    ? verifyArgument(prepared.value.argument, prepared.value.statement, proof)
    : prepared;
}
