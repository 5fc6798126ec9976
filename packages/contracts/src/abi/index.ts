export { modelRegistryAbi, modelRegistryBytecode } from './model-registry.ts';
export { providerRegistryAbi, providerRegistryBytecode } from './provider-registry.ts';
export { jobMarketAbi, jobMarketBytecode } from './job-market.ts';
export { verdictsAbi, verdictsBytecode } from './verdicts.ts';
export { fraudVerifierAbi, fraudVerifierBytecode } from './fraud-verifier.ts';
export { disputesAbi, disputesBytecode } from './disputes.ts';
export { testDollarAbi, testDollarBytecode } from './test-dollar.ts';
export { assayConsumerAbi } from './assay-consumer.ts';
export { receiptVerifierAbi } from './receipt-verifier.ts';
