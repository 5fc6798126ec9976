import { jobMarketAbi } from '@assay/contracts';
import type { Addresses } from '@assay/market';
import { encodeFunctionData } from 'viem';
import type { Calls } from '../provider/index.ts';

/** Calls of the market as transactions. */
export function marketCalls({ market }: Addresses): Calls {
  const abi = jobMarketAbi;
  const to = market;
  return {
    lock: (params) => ({
      to,
      data: encodeFunctionData({ abi, functionName: 'lock', args: [params] }),
    }),
    acknowledge: (params) => ({
      to,
      data: encodeFunctionData({ abi, functionName: 'acknowledge', args: [params] }),
    }),
    submit: (params, submission, output, uri) => ({
      to,
      data: encodeFunctionData({
        abi,
        functionName: 'submit',
        args: [params, submission, output, uri],
      }),
    }),
    finalize: (job) => ({
      to,
      data: encodeFunctionData({ abi, functionName: 'finalize', args: [job] }),
    }),
    expire: (params) => ({
      to,
      data: encodeFunctionData({ abi, functionName: 'expire', args: [params] }),
    }),
    withdraw: (account, amount) => ({
      to,
      data: encodeFunctionData({ abi, functionName: 'withdraw', args: [account, amount] }),
    }),
  };
}
