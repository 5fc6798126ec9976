export { caseOf, DisputeCalls, type Evidence, type Move, MOVES } from './calls.ts';
export { answerChallenge, isProvidersMove, nextMove } from './defend.ts';
