import { encodeVerifyingKey } from '@assay/verifier';
import {
  firstPort,
  flipped,
  otherAnswers,
  presentedAs,
  proofIn,
  signed,
  withCommitment,
  withPort,
  withProof,
  zeros,
} from './forging.ts';
import type { Genuine, Presented } from './judging.ts';

/** Receipts of one run that show different parts of it: see fixture.mjs. */
export type Fixture = 'public' | 'committed' | 'private';

/** Something to be judged. Made from genuine files alone, so that Node and browser judge the same bytes. */
export interface Case {
  readonly name: string;
  /**
   * The outermost kinds of the reason; null: accepted. What is inside depends on the proof: a changed
   * message passes a proof of work now and then.
   */
  readonly reasons: readonly string[] | null;
  /** What is presented otherwise. */
  change(genuine: Genuine): Partial<Presented>;
}

/** Of any receipt that shows its output. */
const shown: readonly Case[] = [
  { name: 'as it was made', reasons: null, change: () => ({}) },
  {
    name: 'signed by somebody else',
    reasons: null,
    change: (genuine) => ({ receipt: signed(genuine, {}) }),
  },
  {
    name: 'another output',
    reasons: ['verdict/proof'],
    change: (genuine) => {
      const [output] = genuine.body.outputs;
      if (output?.kind !== 'values') throw new Error('expected an output with values');
      const values = output.values.with(0, (output.values[0] ?? 0) ^ 1);
      const ports = withPort(genuine, 'outputs', { ...output, values });
      return { receipt: signed(genuine, ports) };
    },
  },
  ...[0, 0.01, 0.5, 0.7, 1].map(
    (part): Case => ({
      name: `a bit of the proof at ${part}`,
      reasons: ['verdict/proof'],
      change: (genuine) => ({ receipt: withProof(genuine, flipped(proofIn(genuine), part)) }),
    }),
  ),
  {
    name: 'a bit of the proof, which is named as before',
    reasons: ['verdict/proof-digest'],
    change: (genuine) => {
      const location = { kind: 'embedded', data: flipped(proofIn(genuine), 0.5) } as const;
      return { receipt: signed(genuine, { proof: { ...genuine.body.proof, location } }) };
    },
  },
];

const hiddenOutput = (...reasons: string[]): Case => ({
  name: 'the shown output presented as hidden',
  reasons,
  change: (genuine) => ({ receipt: presentedAs(genuine, 'outputs', 'hidden') }),
});

/** Columns of a model that was set up to hide nothing are too short to hide anything. */
const open: readonly Case[] = [...shown, hiddenOutput('verdict/visibility', 'argument/infeasible')];

/** Of any receipt that shows its output and not its input. */
const concealed: readonly Case[] = [
  ...shown,
  hiddenOutput('verdict/proof'),
  {
    name: 'the input presented as shown',
    reasons: ['verdict/proof'],
    change: (genuine) => ({ receipt: presentedAs(genuine, 'inputs', 'values') }),
  },
];

/** A receipt that names its input by a commitment and shows its output. */
const committed: readonly Case[] = [
  ...concealed,
  {
    name: 'root of another commitment',
    reasons: ['verdict/proof'],
    change: (genuine) => ({
      receipt: withCommitment(genuine, ({ root }) => ({ root: flipped(root, 0) })),
    }),
  },
  {
    name: 'answers of another commitment',
    reasons: ['verdict/proof'],
    change: (genuine) => ({
      receipt: withCommitment(genuine, ({ yReg }) => ({ yReg: otherAnswers(yReg) })),
    }),
  },
  {
    name: 'a commitment with a shorter tail',
    reasons: ['verdict/proof'],
    change: (genuine) => ({
      receipt: withCommitment(genuine, ({ tailRows }) => ({ tailRows: tailRows - 1 })),
    }),
  },
  {
    name: 'the committed input presented as hidden',
    reasons: ['verdict/proof'],
    change: (genuine) => ({ receipt: presentedAs(genuine, 'inputs', 'hidden') }),
  },
  {
    name: 'the committed input presented as shown, with the parameters of committed ones',
    reasons: ['verdict/suite'],
    change: (genuine) => {
      const port = firstPort(genuine, 'inputs');
      const value = { kind: 'values', name: port.name, values: zeros(port) } as const;
      return { receipt: signed(genuine, withPort(genuine, 'inputs', value)) };
    },
  },
  {
    name: "another name of the verifier's own",
    reasons: ['verdict/commitment-name'],
    change: (genuine) => {
      const { name } = firstPort(genuine, 'inputs');
      return { own: { inputNames: new Map([[name, '5a'.repeat(32)]]) } };
    },
  },
  {
    name: "values of the verifier's own, where there is only a name",
    reasons: ['verdict/not-shown'],
    change: (genuine) => {
      const port = firstPort(genuine, 'inputs');
      return { own: { inputs: new Map([[port.name, zeros(port)]]) } };
    },
  },
];

function registration({ verifyingKey }: Genuine): Uint8Array {
  if (verifyingKey.registration === null) throw new Error('expected a registration proof');
  return verifyingKey.registration;
}

/** Under a key with another registration proof, or none. */
const registered = (genuine: Genuine, proof: Uint8Array | null): Partial<Presented> => ({
  key: encodeVerifyingKey({ ...genuine.verifyingKey, registration: proof }),
});

/** A receipt of hidden weights that hides its input and shows its output. The key registers the weights. */
const hidden: readonly Case[] = [
  ...concealed,
  ...[0, 0.01, 0.5, 1].map(
    (part): Case => ({
      name: `a bit of the registration proof at ${part}`,
      reasons: ['verdict/proof', 'proof/registration'],
      change: (genuine) => registered(genuine, flipped(registration(genuine), part)),
    }),
  ),
  {
    name: 'no registration proof',
    reasons: ['verdict/proof', 'proof/unregistered'],
    change: (genuine) => registered(genuine, null),
  },
  {
    name: 'the proof of the run in place of the registration',
    reasons: ['verdict/proof', 'proof/registration'],
    change: (genuine) => registered(genuine, proofIn(genuine)),
  },
  {
    name: 'the registration proof in place of that of the run',
    reasons: ['verdict/proof'],
    change: (genuine) => ({ receipt: withProof(genuine, registration(genuine)) }),
  },
  {
    name: 'another name of the model, in key and receipt',
    reasons: ['verdict/proof', 'proof/registration'],
    change: (genuine) => {
      const { verifyingKey } = genuine;
      const { root } = verifyingKey.model;
      const yReg = otherAnswers(verifyingKey.model.yReg);
      return {
        key: encodeVerifyingKey({ ...verifyingKey, model: { root, yReg } }),
        receipt: signed(genuine, { model: { ...genuine.body.model, yReg } }),
      };
    },
  },
  {
    name: 'said to be of public weights',
    reasons: ['verdict/model'],
    change: (genuine) => {
      const model = { ...genuine.body.model, weights: 'public' } as const;
      return { receipt: signed(genuine, { model }) };
    },
  },
];

/** By the fixture that they are made from. */
export const CASES: Readonly<Record<Fixture, readonly Case[]>> = {
  public: open,
  committed,
  private: hidden,
};
