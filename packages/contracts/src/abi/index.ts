export { modelRegistryAbi } from './model-registry.ts';
export { providerRegistryAbi } from './provider-registry.ts';
export { jobMarketAbi } from './job-market.ts';
export { fraudVerifierAbi } from './fraud-verifier.ts';
export { disputesAbi } from './disputes.ts';
export { assayConsumerAbi } from './assay-consumer.ts';
export { receiptVerifierAbi } from './receipt-verifier.ts';
