import { type Command, Option } from 'commander';
import type { MarketOptions } from './commands/market.ts';
import { count } from './option-values.ts';
import { type Runner, verb } from './verb.ts';

const NETWORK = [
  '--network <path>',
  'network file, or the folder that has one (default: $ASSAY_NETWORK, else ./assay-network)',
] as const;
const RPC = ['--rpc <url>', "chain to ask instead of the network file's"] as const;

/** Verbs of the market. */
export function addMarketVerbs(program: Command, run: Runner): void {
  verb(program, 'market', 'show jobs, providers, prices and stakes; on a terminal, live', [
    'market',
    'market --once --json',
  ])
    .option(...NETWORK)
    .option(...RPC)
    .option('--once', 'show it once, also on a terminal')
    .addOption(new Option('--jobs <n>', 'newest jobs to show').default(20).argParser(count))
    .action((options: MarketOptions) =>
      run(options, async () => (await import('./commands/market.ts')).market(options)),
    );
}
