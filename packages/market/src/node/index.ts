export {
  type Anvil,
  anvilBinary,
  type AnvilOptions,
  freePort,
  LOCAL_MNEMONIC,
  startAnvil,
} from './anvil.ts';
