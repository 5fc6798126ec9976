import { toHex } from '@assay/core/hash';
import { seededRandomness } from '@assay/core/testing';
import { seededDraw } from '@assay/runtime/testing';
import { type Statement, type VerifyingKey, verifyPrepared, verifyProof } from '@assay/verifier';
import { describe, expect, test, vi } from 'vitest';
import { proveWith } from '../src/testing/index.ts';
import { claimedRun } from './liar.ts';
import { partsOf } from './parts.ts';
import { PROGRAMS } from './programs.ts';
import { changedAt } from './rows.ts';
import { type Public, type Simulated, simulateAll } from './simulator.ts';
import { type Chosen, steered } from './steered.ts';
import {
  ALL_COMMITTED,
  ALL_HIDDEN,
  COMMITTED_INPUT,
  COMMITTED_PORTS,
  HIDDEN_INPUT,
  HIDDEN_PORTS,
  HIDDEN_WEIGHTS,
  type KeyOptions,
  profileName,
  proveToy,
  toyEngine,
  toyKey,
} from './toy-key.ts';

// The verifier makes its own transcripts; here they answer what was chosen beforehand.
vi.mock('@assay/core/transcript', async (original) => {
  const actual = await original<typeof import('@assay/core/transcript')>();
  const { steeredTranscript } = await import('./steered.ts');
  return { ...actual, Transcript: steeredTranscript(actual.Transcript) };
});

const engine = toyEngine();

function verdict(
  key: VerifyingKey,
  statement: Statement,
  proof: Uint8Array,
  queue: readonly Chosen[] = [],
): string {
  const found = steered({ queue }, () => verifyProof(key, statement, proof));
  return found.ok ? 'accepted' : found.error.kind;
}
const accepted = ({ key, statement, proof, queue }: Simulated): string =>
  verdict(key, statement, proof, queue);

interface Case {
  readonly name: string;
  readonly program?: string;
  readonly options: KeyOptions;
}
const cases: readonly Case[] = [
  ...[
    HIDDEN_INPUT,
    HIDDEN_PORTS,
    COMMITTED_INPUT,
    COMMITTED_PORTS,
    HIDDEN_WEIGHTS,
    ALL_HIDDEN,
    ALL_COMMITTED,
  ].map((profile) => ({ name: profileName(profile), options: { profile } })),
  {
    name: 'three oracles, proof of work everywhere',
    options: { profile: COMMITTED_PORTS, targetBits: 10, logRows: 6, powBits: 2, deep: true },
  },
  {
    name: 'without products',
    program: 'linear relations alone',
    options: { profile: HIDDEN_INPUT },
  },
  {
    name: 'with shared axes and a quotient',
    program: 'softmax (quotient, shared axes)',
    options: { profile: HIDDEN_INPUT },
  },
];

describe.each(cases)('$name', ({ program = 'two dense layers', options }) => {
  const toy = PROGRAMS[program]?.(seededDraw(5));
  if (toy === undefined) throw new Error('no program');
  const key = toyKey(engine, toy.program, toy.weights, options);
  const { trace } = proveToy(engine, key, toy);
  const honest = claimedRun(engine, key, trace);
  const hidden = key.argument.key.visibility.weights.kind === 'hidden';
  const given: Public = {
    argument: key.argument,
    statement: honest.statement,
    model: hidden ? null : { weights: key.weights, tree: key.tree },
  };
  const made = simulateAll(given, seededRandomness(7));

  test('is simulated: who chooses the challenges needs no witness', () => {
    expect(accepted(made)).toBe('accepted');
  });

  test('is not without that choice', () => {
    expect(verdict(made.key, made.statement, made.proof)).toMatch(/^proof/);
    const { queue } = simulateAll(given, seededRandomness(8));
    expect(verdict(made.key, made.statement, made.proof, queue)).toMatch(/^proof/);
  });

  const [port] = key.argument.key.program.outputs;
  const values = honest.statement.outputs.get(port?.name ?? '');
  // A concealed output leaves nothing to lie about.
  if (port !== undefined && values !== undefined)
    test('is simulated for what is false, as no prover can', () => {
      const range = key.argument.system.program.tensors[port.tensor]?.range ?? { lo: 0, hi: 0 };
      const wrong = changedAt(values, 0, values[0] === range.hi ? range.lo : range.hi);
      const said = { ...honest.statement, outputs: new Map([[port.name, wrong]]) };
      const lie = simulateAll({ ...given, statement: said }, seededRandomness(9));
      expect(accepted(lie)).toBe('accepted');
      const queue = lie.queue.slice(-1);
      const proof = steered({ queue }, () =>
        proveWith(engine, key, said, honest.witness, seededRandomness(10)),
      );
      const found = steered({ queue }, () => verifyPrepared(key.argument, said, proof));
      expect(found).toMatchObject({ error: { kind: 'proof/opening' } });
    });

  /** The honest prover's proof for the same challenges. */
  const real = (): Uint8Array =>
    steered({ queue: made.queue.slice(-1) }, () =>
      proveWith(engine, key, honest.statement, honest.witness, seededRandomness(10)),
    );

  test('has the shape of an honest proof, part by part', () => {
    const proof = real();
    const indices = made.queue.at(-1)?.indices ?? [];
    const parts = partsOf(key.argument, indices);
    const last = parts.at(-1);
    expect(4 * ((last?.at ?? 0) + (last?.words ?? 0))).toBe(proof.length);
    expect(made.proof.length).toBe(proof.length);
    // What anybody can compute is the same in both; nothing else is.
    for (const { name, kind, at, words } of parts) {
      const slice = (bytes: Uint8Array): string => toHex(bytes.slice(4 * at, 4 * (at + words)));
      if (kind === 'fixed') continue;
      const isPublic = kind === 'public element' || (!hidden && name === 'row of the model');
      const differ = slice(made.proof) !== slice(proof);
      if (isPublic) expect(differ, name).toBe(false);
      else if (kind !== 'digest') expect(differ, name).toBe(true);
    }
  });

  test('an honest proof for the same challenges is accepted', () => {
    const queue = made.queue.slice(-1);
    const found = steered({ queue }, () => verifyPrepared(key.argument, honest.statement, real()));
    expect(found.ok).toBe(true);
  });
});
