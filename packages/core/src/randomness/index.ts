export {
  fillField,
  platformRandomness,
  type Randomness,
  randomK,
  randomNonzeroK,
} from './randomness.ts';
