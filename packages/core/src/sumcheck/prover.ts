import type { Engine, KVec } from '../engine/index.ts';
import { addK, type K, mulK, ZERO } from '../field/index.ts';
import { constantValue } from '../linear/index.ts';
import type { Sender } from '../sender/index.ts';
import { TAG_ROUND, type Transcript } from '../transcript/index.ts';
import { delayFactor } from './instance.ts';
import { type Degree, nextClaim, type RoundMessage } from './proof.ts';

/** coefficient · Σ_i eq[i]·x[i]·y[i], or without eq. Tables have 2^v entries, v >= 0. */
export interface SumcheckInstance {
  readonly coefficient: K;
  readonly eq: KVec | null;
  readonly x: KVec;
  readonly y: KVec;
}

/** Evaluations of an instance's x and y at its point, the last v coordinates. */
export interface Operands {
  readonly x: K;
  readonly y: K;
}

interface LiveInstance {
  readonly coefficient: K;
  readonly variables: number;
  eq: KVec | null;
  x: KVec;
  y: KVec;
}

function liveInstance({ coefficient, eq, x, y }: SumcheckInstance): LiveInstance {
  const variables = Math.log2(x.length);
  if (!Number.isInteger(variables) || y.length !== x.length || (eq ?? x).length !== x.length) {
    const lengths = [eq, x, y].map((table) => table?.length).join();
    throw new RangeError(`proveSumcheck: expected equal powers of two, got lengths ${lengths}`);
  }
  return { coefficient, variables, eq, x, y };
}

function roundPolynomial(engine: Engine, { eq, x, y }: LiveInstance): RoundMessage {
  return eq === null ? engine.quadraticRound(x, y) : engine.cubicRound(eq, x, y);
}

function bindInstance(engine: Engine, instance: LiveInstance, r: K): void {
  if (instance.eq !== null) instance.eq = engine.bind(instance.eq, r);
  instance.x = engine.bind(instance.x, r);
  instance.y = engine.bind(instance.y, r);
}

/** Degree of the batch: 3 if any instance has an eq factor. */
export function sumcheckDegree(instances: readonly { readonly eq: KVec | null }[]): Degree {
  return instances.some(({ eq }) => eq !== null) ? 3 : 2;
}

/**
 * Proves Σ_i coefficient_i·(sum of instance i) = claim, smaller instances entering late
 * (`instancePoint`). The claim is not checked: a false one gives a proof that does not verify.
 *
 * Transcript:  per round one observe (tag 3) and one sample.
 * Caller must: send the returned operands (tag 10).
 *
 * @param sender - Observes on the same transcript.
 * @param instances - Their vectors are consumed: bound in place.
 * @returns The point, the operands in the order of the instances, and the final claim.
 * @throws {RangeError} on lengths that differ within an instance or are no powers of two.
 */
export function proveSumcheck(
  engine: Engine,
  transcript: Transcript,
  sender: Sender,
  instances: readonly SumcheckInstance[],
  claim: K,
): { point: K[]; operands: Operands[]; claim: K } {
  const live = instances.map(liveInstance);
  const rounds = live.reduce((max, { variables }) => Math.max(max, variables), 0);
  const degree = sumcheckDegree(instances);

  const point: K[] = [];
  let current = constantValue(claim);
  for (let round = 0; round < rounds; round++) {
    // an instance that has not entered yet is a multiple of the variable: only c1, which is not sent
    const entered = live.filter(({ variables }) => variables >= rounds - round);
    const message: K[] = Array.from({ length: degree }, () => ZERO);
    for (const instance of entered) {
      const delay = delayFactor(point.slice(0, rounds - instance.variables), 0);
      const scale = mulK(instance.coefficient, delay);
      for (const [i, c] of roundPolynomial(engine, instance).entries()) {
        message[i] = addK(message[i] ?? ZERO, mulK(scale, c));
      }
    }
    sender.send(TAG_ROUND, message);
    const r = transcript.sampleK();
    point.push(r);
    current = nextClaim(current, message.map(constantValue), r);
    for (const instance of entered) bindInstance(engine, instance, r);
  }
  const operands = live.map(({ x, y }) => ({ x: engine.readK(x, 0), y: engine.readK(y, 0) }));
  return { point, operands, claim: current.constant };
}
