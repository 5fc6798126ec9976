export {
  type Anvil,
  anvilBinary,
  type AnvilOptions,
  freePort,
  LOCAL_MNEMONIC,
  localAccount,
  startAnvil,
} from '../node/anvil.ts';
export { type LocalMarket, type LocalMarketOptions, startLocalMarket } from './local-market.ts';
