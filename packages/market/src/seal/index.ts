export {
  describeSealError,
  newSealKey,
  seal,
  SEAL_OVERHEAD,
  type SealError,
  type SealKey,
  sealKeyFromSeed,
  type SealPurpose,
  unseal,
} from './seal.ts';
