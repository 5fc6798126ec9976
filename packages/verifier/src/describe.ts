import type { LogupError } from '@assay/core/lookup';
import type { WhirError } from '@assay/core/pcs';
import { describeProgramError } from '@assay/program';
import type { VerifyError } from './stages/errors.ts';

function describeLogup(error: LogupError): string {
  switch (error.kind) {
    case 'logup/encoding':
      return `layer ${error.layer} is ${error.failure}`;
    case 'logup/zero-denominator':
      return `fraction ${error.index} of the top layer has no value`;
    case 'logup/sum':
      return 'some value is not in the table it was looked up in';
    case 'logup/zero-coordinate':
      return `round ${error.round} of layer ${error.layer} cannot be checked`;
    case 'logup/layer':
      return `layer ${error.layer} does not follow from the one below`;
  }
}

function describeOpening(error: WhirError): string {
  switch (error.kind) {
    case 'whir/parameters':
      return `parameter ${error.field} is ${error.value}`;
    case 'whir/slots':
      return `root ${error.slot} does not fit its columns`;
    case 'whir/encoding':
      return `oracle ${error.oracle}: the ${error.part} is ${error.failure}`;
    case 'whir/proof-of-work':
      return `oracle ${error.oracle}: proof of work is missing before the ${error.before}`;
    case 'whir/zero-challenge':
      return `the challenge that hides by its value is zero (${error.of}): another proof must be made`;
    case 'whir/merkle':
      return `oracle ${error.oracle}: a row is not under root ${error.slot}`;
    case 'whir/final-query':
      return `row ${error.index} of the last oracle does not fold to the final polynomial`;
    case 'whir/final-claim':
      return 'the committed values do not satisfy the claims of the proof';
  }
}

/** One sentence for people. */
export function describeVerifyError(error: VerifyError): string {
  switch (error.kind) {
    case 'argument/program':
      return describeProgramError(error.error);
    case 'argument/layout':
      return `the key's parameters are not for its program: ${error.field} is ${error.actual} instead of ${error.expected}`;
    case 'argument/ports':
      return `port "${error.port}" and another one are the same tensor, and must be shown alike (committed once)`;
    case 'argument/visibility':
      return 'the weights were not committed the way they are to be shown';
    case 'argument/infeasible':
      return `the model's columns are too short to hide this, commit it anew for it (setup): ${error.reason}`;
    case 'argument/security':
      return `the key's parameters are worth ${error.actualBits.toFixed(1)} bits, not the ${error.targetBits} they promise`;
    case 'statement/missing':
      return `port "${error.port}" has no value`;
    case 'statement/unknown':
      return `the model has no port "${error.port}"`;
    case 'statement/visibility':
      return `port "${error.port}" is ${error.visibility}, and is not given that way`;
    case 'statement/commitment':
      return `the commitment of port "${error.port}" is malformed`;
    case 'statement/earlier':
      return 'a renewal, and nothing else, names the earlier root that it replaces';
    case 'statement/length':
      return `port "${error.port}" has ${error.actual} elements instead of ${error.expected}`;
    case 'statement/range':
      return `element ${error.index} of port "${error.port}" is ${error.value}, outside its range`;
    case 'statement/nonce':
      return `the nonce has ${error.actual} bytes, more than ${error.limit}`;
    case 'proof/format':
      return `not a proof of this version: ${error.reason}`;
    case 'proof/pow':
      return `proof of work of step ${error.step} is missing`;
    case 'proof/lookup':
      return `step S4, lookups: ${describeLogup(error.error)}`;
    case 'proof/sumcheck':
      return `step S5, sumcheck: round ${error.error.round} is ${error.error.failure}`;
    case 'proof/operands':
      return 'step S5: the operands do not multiply to the claim';
    case 'proof/unregistered':
      return 'the weights are hidden, and no registration proof shows that they are in their ranges';
    case 'proof/renewal':
      return 'the two commitments are not of one program or shape, column length and rate, or one of them hides nothing';
    case 'proof/registration':
      return `the model's registration proof does not hold: ${describeVerifyError(error.error)}`;
    case 'proof/opening':
      return `step S8, opening: ${describeOpening(error.error)}`;
  }
}
