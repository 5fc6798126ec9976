export {
  type Anvil,
  anvilBinary,
  type AnvilOptions,
  freePort,
  LOCAL_MNEMONIC,
  localAccount,
  localSecret,
  startAnvil,
} from './anvil.ts';
export { ArtefactStore } from './artefact-store.ts';
export {
  type HttpAnswer,
  type HttpLimits,
  type HttpRequest,
  type HttpRoute,
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
} from './http-server.ts';
export {
  accountOf,
  decryptKeystore,
  encryptKeystore,
  type KeySource,
  type KeystoreCost,
  loadAccount,
  loadSecret,
  passwordFrom,
  readKeystore,
  redact,
  writeKeystore,
} from './keystore.ts';
export {
  attemptsOfEach,
  commitInput,
  type JobPlan,
  nameOfOpening,
  onlyPort,
  openCommitted,
  planProof,
} from './sealed-values.ts';
export { type Fulfilled, type Order, type OrderEvent, placeOrder } from './order.ts';
