import { ProofReader, ProofWriter } from '@assay/core/codec';
import { addK, invK, type K, mulK, ONE, powF, rootOfUnity, subK, ZERO } from '@assay/core/field';
import { DIGEST_BYTES } from '@assay/core/hash';
import { HidingLedger } from '@assay/core/linear';
import { buildTree, rowHash, siblingPositions } from '@assay/core/merkle';
import { type OracleShape, oracleShapes } from '@assay/core/pcs';
import {
  eqTable,
  evaluateUnivariate,
  evaluateUnivariateAtBase,
  innerProduct,
} from '@assay/core/poly';
import { type Randomness, randomK, randomNonzeroK } from '@assay/core/randomness';
import {
  evaluatePublic,
  operandFunctional,
  type PublicValues,
  ViewWeights,
  type Weights,
} from '@assay/program';
import {
  type Argument,
  batchChecks,
  collectClaims,
  evaluateJoinedWeight,
  joinClaims,
  portSpans,
  prepareArgument,
  PROOF_MAGIC,
  PROOF_VERSION,
  publicValues,
  REGISTRATION_STATEMENT,
  registrationKey,
  resolver,
  secretOperands,
  type Statement,
  type Transcribed,
  verifyMessages,
  type VerifyingKey,
} from '@assay/verifier';
import {
  chooseChallenges,
  ChosenTranscript,
  elements,
  fieldWords,
  type Rows,
  type SimulatedTree,
  simulateName,
  simulateTree,
} from './made-up.ts';
import type { Chosen } from './steered.ts';

/**
 * Proofs without a witness. Who chooses the challenges, indices included, before the messages makes
 * proofs that the verifier accepts, of anything, true or not, and that are distributed as honest ones:
 *
 *   answers, messages under pads, products, opened operands, σ_p, rounds, E     uniform
 *   opened rows of what is hidden, salts, digests of what is not opened         uniform
 *   g = f_1 + ρ·R_1                                                             uniform
 *   D, b', the words of R in opened rows       what the verifier's equations leave for them
 *   everything after g                         a function of g, as an honest prover computes it
 *
 * So an honest proof tells nothing that its reader could not have made up. Nothing of the prover is
 * used here: what the verifier computes of statement and challenges is enough.
 */

export interface Simulation {
  readonly argument: Argument;
  readonly statement: Statement;
  /** Public weights; none if they are hidden. */
  readonly weights: Weights;
  /** The public tree of the model, or a made up one. */
  readonly model: Rows;
  /** Made up trees of committed ports, in the order of their columns. */
  readonly ports: readonly Rows[];
  readonly randomness: Randomness;
}

/** Bits of a row, most significant first. */
function bitsOf(row: number, variables: number): K[] {
  return Array.from({ length: variables }, (_, j) =>
    Math.floor(row / 2 ** (variables - 1 - j)) % 2 === 1 ? ONE : ZERO,
  );
}

const dot = (a: readonly K[], b: readonly K[]): K =>
  a.reduce<K>((sum, x, i) => addK(sum, mulK(x, b[i] ?? ZERO)), ZERO);

const powersOf = (z: K, count: number): K[] => {
  const powers: K[] = [];
  for (let power = ONE; powers.length < count; power = mulK(power, z)) powers.push(power);
  return powers;
};

function halves(table: readonly K[]): readonly [K[], K[]] {
  return [table.slice(0, table.length / 2), table.slice(table.length / 2)];
}

function bind(table: readonly K[], r: K): K[] {
  const [low, high] = halves(table);
  return low.map((a, i) => addK(a, mulK(r, subK(high[i] ?? ZERO, a))));
}

/** h(0) and h(∞) of Σ w·f over all variables but the first. */
function roundOf(w: readonly K[], f: readonly K[]): [K, K] {
  const [[w0, w1], [f0, f1]] = [halves(w), halves(f)];
  const rise = (low: readonly K[], high: readonly K[]): K[] =>
    high.map((b, i) => subK(b, low[i] ?? ZERO));
  return [dot(w0, f0), dot(rise(w0, w1), rise(f0, f1))];
}

/** A proof in the making: what an interactive prover sends and is told. */
class Dialogue {
  readonly writer = new ProofWriter();
  readonly transcript: ChosenTranscript;

  constructor(chosen: Chosen) {
    this.transcript = new ChosenTranscript(chosen);
  }

  challenge(): K {
    return this.transcript.sampleK();
  }

  /** Any nonce will do for who makes the challenges. */
  work(bits = 0): void {
    if (bits > 0) this.writer.u64(0n);
  }

  /** Honest rounds about Σ w·f. */
  rounds(tables: { w: K[]; f: K[] }, count: number, powBits: number): void {
    for (let round = 0; round < count; round++) {
      this.writer.ks(roundOf(tables.w, tables.f));
      this.work(powBits);
      const r = this.challenge();
      tables.w = bind(tables.w, r);
      tables.f = bind(tables.f, r);
    }
  }

  open(tree: Rows, logLeaves: number, indices: readonly number[]): void {
    for (const index of indices) {
      const salt = tree.salt(index);
      if (salt !== null) this.writer.bytes(salt);
      this.writer.words([...tree.row(index)]);
    }
    for (const { layer, index } of siblingPositions(logLeaves, indices))
      this.writer.bytes(tree.digest(layer, index));
  }
}

interface Messages {
  /** Root (to be filled in) and everything to the operands. */
  readonly bytes: Uint8Array;
  readonly ledger: HidingLedger;
  readonly transcribed: Transcribed;
}

/** S1 to S5: all uniform, but operands that anybody can compute. */
function simulateMessages(
  { argument, weights, randomness }: Simulation,
  known: PublicValues,
  chosen: Chosen,
): Messages {
  const { key, system, pads } = argument;
  const { whir, lookupPowBits } = key.parameters;
  const { instances } = system.einsums;
  const secrets = instances.flatMap((instance) => secretOperands(system, instance));
  const answers = elements(randomness, whir.oodSamples[0] ?? 0);
  const root = randomNonzeroK(randomness);
  const padded = elements(randomness, pads.messages);
  const view = (open: readonly K[]): Messages => {
    const writer = new ProofWriter();
    writer.bytes(new Uint8Array(DIGEST_BYTES));
    writer.ks(answers);
    if (system.lookups.total > 0) {
      if (lookupPowBits > 0) writer.u64(0n);
      writer.k(root);
    }
    const before = padded.length - secrets.filter((secret) => secret).length;
    writer.ks(padded.slice(0, before));
    const [hidden, shown] = [padded.slice(before).values(), open.values()];
    for (const secret of secrets) writer.k((secret ? hidden : shown).next().value ?? ZERO);
    const bytes = writer.finish();
    const ledger = new HidingLedger(pads);
    const transcript = new ChosenTranscript(chosen);
    const found = verifyMessages(argument, transcript, new ProofReader(bytes), ledger);
    if (!found.ok) throw new Error(JSON.stringify(found.error));
    return { bytes, ledger, transcribed: found.value.transcribed };
  };
  const isPublic = secrets.map((secret) => !secret);
  if (!isPublic.includes(true)) return view([]);
  const { lookup, outer, inner } = view(isPublic.map(() => ZERO)).transcribed;
  const points = new ViewWeights({ lookup: lookup?.point ?? [], outer, inner });
  const values = new Map([...known, ...weights]);
  return view(
    instances.flatMap((instance) =>
      secretOperands(system, instance).flatMap((secret, i) => {
        if (secret) return [];
        const operand = operandFunctional(system, points, instance, i === 0 ? 'left' : 'right');
        return [evaluatePublic(operand, points, values).constant];
      }),
    ),
  );
}

/** The code of f in the columns of a later oracle, and its tree: all of it is a function of f. */
function encode(f: readonly K[], { folding, logDomain }: OracleShape): SimulatedTree {
  const length = f.length / 2 ** folding;
  const columns = Array.from({ length: 2 ** folding }, (_, c) =>
    f.slice(c * length, (c + 1) * length),
  );
  const omega = rootOfUnity(logDomain);
  const rows = Array.from({ length: 2 ** logDomain }, (_, index) => {
    const x = powF(omega, index);
    return columns.flatMap((column) => evaluateUnivariateAtBase(column, x));
  });
  const layers = buildTree(rows.map((row) => rowHash(row)));
  return {
    root: layers.at(-1)?.[0] ?? new Uint8Array(),
    row: (index) => rows[index] ?? [],
    salt: () => null,
    digest: (layer, index) => layers[layer]?.[index] ?? new Uint8Array(),
  };
}

/** A proof of the statement, for these challenges. */
export function simulate(simulation: Simulation, chosen: Chosen): Uint8Array {
  const { argument, statement, model, ports, randomness } = simulation;
  const { key, layout, pads } = argument;
  const { whir, batchPowBits } = key.parameters;
  const shapes = oracleShapes(whir);
  const [first] = shapes;
  const known = publicValues(key, statement);
  if (!known.ok || first === undefined) throw new Error('no statement of this argument');
  const dialogue = new Dialogue(chosen);
  const { writer, transcript } = dialogue;

  // S1 to S5
  const { bytes, ledger, transcribed } = simulateMessages(simulation, known.value, chosen);
  writer.bytes(PROOF_MAGIC);
  writer.word(PROOF_VERSION);
  const rootAt = writer.length;
  writer.bytes(bytes);
  verifyMessages(argument, transcript, new ProofReader(bytes), new HidingLedger(pads));

  // S6
  const products = elements(randomness, pads.products);
  const rhoProducts = dialogue.challenge();
  const [e, f] = [elements(randomness, pads.products), elements(randomness, pads.products)];
  writer.ks([...products, ...e, ...f]);
  const settled = { products, rho: rhoProducts, e, f };
  const checks = batchChecks(ledger, settled, dialogue.challenge());

  // S7
  dialogue.work(batchPowBits);
  const gamma = dialogue.challenge();
  const given = { known: known.value, statement, checks };
  const { claims, weights } = collectClaims(argument, given, transcribed);
  const joined = joinClaims(argument, claims, gamma, resolver(ledger));

  // S8: rounds under the mask
  const maskSum = randomK(randomness);
  writer.k(maskSum);
  const maskFactor = dialogue.challenge();
  let claim = addK(joined.value, mulK(maskFactor, maskSum));
  const point: K[] = [];
  for (let round = 0; round < first.folding; round++) {
    const [atZero = ZERO, atInfinity = ZERO] = elements(randomness, 2);
    writer.ks([atZero, atInfinity]);
    dialogue.work(first.foldPowBits);
    const r = dialogue.challenge();
    // h(X) = h(0) + X·(claim − 2·h(0) − h(∞)) + X²·h(∞)
    const linear = subK(subK(claim, addK(atZero, atZero)), atInfinity);
    claim = addK(atZero, mulK(r, addK(linear, mulK(r, atInfinity))));
    point.push(r);
  }

  // g is uniform; D and b' are what the verifier's weights then say of it.
  const rows = 2 ** layout.logRows;
  const g = elements(randomness, rows);
  const w = Array.from({ length: rows }, (_, row) =>
    evaluateJoinedWeight(argument, weights, joined, [...point, ...bitsOf(row, layout.logRows)]),
  );
  const mask = point.flatMap((r) => powersOf(r, 3));
  const v = Array.from({ length: rows }, (_, row) => mask[row - rows + mask.length] ?? ZERO);
  const rho = dialogue.challenge();
  const maskValue = randomK(randomness);
  const unmasked = subK(claim, mulK(maskFactor, maskValue));
  const weighed = mulK(subK(dot(w, g), unmasked), invK(rho));
  const atMask = subK(dot(v, g), mulK(rho, maskValue));
  writer.ks([maskValue, weighed, atMask]);
  dialogue.work(whir.blinding?.powBits);
  const gammaMask = dialogue.challenge();
  const tables = { w: w.map((x, i) => addK(x, mulK(gammaMask, v[i] ?? ZERO))), f: [...g] };

  // Oracle 0: hidden columns are uniform where they are opened, and R makes them fold to g.
  const eq = eqTable(point);
  const slots = [
    { span: layout.model, tree: model },
    ...layout.ports.map((span, i) => ({ span, tree: ports[i] ?? model })),
  ];
  const witnessTree = (indices: readonly number[]): SimulatedTree =>
    simulateTree(first.logDomain, indices, randomness, (index) => {
      const own = fieldWords(randomness, layout.witness.columns);
      const opened = [
        ...slots.map(({ span, tree }) => ({ span, row: [...tree.row(index)] })),
        { span: layout.witness, row: own },
      ];
      const folded = opened.reduce<K>((sum, { span: { firstColumn }, row }) => {
        const weights = eq.slice(firstColumn, firstColumn + row.length);
        return addK(sum, innerProduct(row, weights));
      }, ZERO);
      const symbol = evaluateUnivariateAtBase(g, powF(rootOfUnity(first.logDomain), index));
      return [...own, ...mulK(subK(symbol, folded), invK(rho))];
    });
  let root: Uint8Array = new Uint8Array(DIGEST_BYTES);
  let committed: readonly Rows[] = [];
  const open = (shape: OracleShape): number[] => {
    dialogue.work(shape.queryPowBits);
    const indices = transcript.sampleIndices();
    if (shape === first) {
      const witness = witnessTree(indices);
      root = witness.root;
      committed = [...slots.map(({ tree }) => tree), witness];
    }
    for (const tree of committed) dialogue.open(tree, shape.logDomain, indices);
    return indices;
  };

  // From here on everything follows from g.
  let shape = first;
  for (const next of shapes.slice(1)) {
    const oracle = encode(tables.f, next);
    writer.bytes(oracle.root);
    const length = tables.f.length;
    const points = Array.from({ length: next.oodSamples }, () => {
      const z = dialogue.challenge();
      writer.k(evaluateUnivariate(tables.f, z));
      return powersOf(z, length);
    });
    const omega = rootOfUnity(shape.logDomain);
    for (const index of open(shape))
      points.push(powersOf([powF(omega, index), 0, 0, 0, 0], length));
    const batch = dialogue.challenge();
    for (const [i, power] of powersOf(batch, points.length + 1)
      .slice(1)
      .entries())
      tables.w = tables.w.map((x, y) => addK(x, mulK(power, points[i]?.[y] ?? ZERO)));
    committed = [oracle];
    shape = next;
    dialogue.rounds(tables, next.folding, next.foldPowBits);
  }
  writer.ks(tables.f);
  open(shape);
  dialogue.rounds(tables, Math.log2(tables.f.length), 0);
  const proof = writer.finish();
  proof.set(root, rootAt);
  return proof;
}

/** What is public of a model and of a run. */
export interface Public {
  /** Of hidden weights neither root nor registration is looked at. */
  readonly argument: Argument;
  readonly statement: Pick<Statement, 'inputs' | 'outputs' | 'nonce'>;
  /** Null: hidden. */
  readonly model: { readonly weights: Weights; readonly tree: Rows } | null;
}

/** A key, a statement and a proof that the verifier accepts when it samples these challenges, transcript after transcript. */
export interface Simulated {
  readonly key: VerifyingKey;
  readonly statement: Statement;
  readonly proof: Uint8Array;
  readonly queue: readonly Chosen[];
}

function prepared(key: VerifyingKey): Argument {
  const argument = prepareArgument(key);
  if (!argument.ok) throw new Error(JSON.stringify(argument.error));
  return argument.value;
}

function registrationOf(key: VerifyingKey): Argument {
  const own = registrationKey(key);
  if (!own.ok) throw new Error(JSON.stringify(own.error));
  return prepared(own.value);
}

/**
 * Makes up everything that is not public: names of committed ports, root and registration of a private
 * model, the proof.
 *
 * @param chosen - Challenges of the proof; drawn if not given.
 */
export function simulateAll(
  given: Public,
  randomness: Randomness,
  chosen: Chosen = chooseChallenges(given.argument, randomness),
): Simulated {
  const { argument, model } = given;
  const { layout, key } = argument;
  const { whir, registeredSamples } = key.parameters;
  const indices = chosen.indices[0] ?? [];
  const logInverseRate = whir.logInverseRates[0] ?? 0;
  const logLeaves = whir.logRows + logInverseRate;
  const size = { logRows: whir.logRows, logInverseRate };
  const hidden = (columns: number, opened: readonly number[]): SimulatedTree =>
    simulateTree(logLeaves, opened, randomness, () => fieldWords(randomness, columns));

  const ports = portSpans(argument).map(({ side, port, span }) => {
    const tree = hidden(span.columns, indices);
    const binding = [span.tailRows, ...(argument.system.program.tensors[port.tensor]?.shape ?? [])];
    const shape = { ...size, columns: span.columns, binding };
    return { side, port, tree, name: simulateName(tree, shape, registeredSamples, randomness) };
  });
  const named = (of: 'inputs' | 'outputs') =>
    new Map(ports.flatMap(({ side, port, name }) => (side === of ? [[port.name, name]] : [])));
  const statement: Statement = {
    ...given.statement,
    ...(ports.length === 0
      ? {}
      : { committed: { inputs: named('inputs'), outputs: named('outputs') } }),
  };
  const rest = { statement, ports: ports.map(({ tree }) => tree), randomness };
  if (model !== null) {
    const { weights, tree } = model;
    const proof = simulate({ ...rest, argument, weights, model: tree }, chosen);
    return { key, statement, proof, queue: [chosen] };
  }

  // One tree of the model for both proofs, which open some rows each.
  const chosenBefore = chooseChallenges(registrationOf(key), randomness);
  const opened = new Set([...indices, ...(chosenBefore.indices[0] ?? [])]);
  const { columns, tailRows } = layout.model;
  const tree = hidden(columns, [...opened]);
  const shape = { ...size, columns, binding: [tailRows] };
  const name = simulateName(tree, shape, registeredSamples, randomness);
  const unregistered: VerifyingKey = { ...key, model: name };
  const secret = { weights: new Map<number, Int32Array>(), model: tree, randomness };
  const registration = simulate(
    {
      ...secret,
      argument: registrationOf(unregistered),
      statement: REGISTRATION_STATEMENT,
      ports: [],
    },
    chosenBefore,
  );
  const own = { ...unregistered, registration };
  const proof = simulate({ ...rest, ...secret, argument: prepared(own) }, chosen);
  return { key: own, statement, proof, queue: [chosenBefore, chosen] };
}
