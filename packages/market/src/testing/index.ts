export {
  type Anvil,
  anvilBinary,
  type AnvilOptions,
  freePort,
  LOCAL_MNEMONIC,
  startAnvil,
} from '../node/anvil.ts';
export {
  localAccount,
  type LocalMarket,
  type LocalMarketOptions,
  startLocalMarket,
} from './local-market.ts';
export { localAccount } from '../node/anvil.ts';
