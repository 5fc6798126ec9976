import { type Command, Option } from 'commander';
import type { ProvideOptions, WatchOptions } from './commands/daemon.ts';
import type { FundsOptions } from './commands/funds.ts';
import type { DisputeOptions, FetchOptions, SubmitOptions } from './commands/job.ts';
import type { MarketOptions } from './commands/market.ts';
import type { ModelRegisterOptions } from './commands/model-register.ts';
import type { NetworkDeployOptions } from './commands/network-deploy.ts';
import type { NetworkUpOptions } from './commands/network-up.ts';
import type { AccountOptions, NetworkOptions } from './network/network-file.ts';
import { collect, count, port, seconds, share, threads } from './option-values.ts';
import type { CommonOptions } from './terminal.ts';
import { type Runner, verb } from './verb.ts';

type JobOptions = CommonOptions & NetworkOptions & AccountOptions;

const CHEAT_NAMES = ['wrong-output', 'wrong-trace', 'withheld-trace', 'garbage-root', 'vanishing'];

/** Where the market is. */
function onNetwork(command: Command): Command {
  return command
    .option(
      '--network <path>',
      'network file, or the folder that has one (default: $ASSAY_NETWORK, else ./assay-network)',
    )
    .option('--rpc <url>', "chain to ask instead of the network file's");
}

/** Who signs. */
function signed(command: Command): Command {
  return onNetwork(command)
    .option(
      '--keystore <file>',
      'encrypted key (password in $ASSAY_PASSWORD, or a file that $ASSAY_PASSWORD_FILE names); without it $ASSAY_KEY',
    )
    .option('--account <name>', 'on a local network: requester, provider-1, watcher, …');
}

function daemon(command: Command): Command {
  return signed(command)
    .requiredOption('--folder <folder>', 'where its state is kept; one daemon at a time')
    .option('--model <folder>', 'bundle of a model; may be repeated', collect)
    .option(
      '--models <folder>',
      "folder of bundles; what is put there later is taken, too (local network: the network's)",
    )
    .option('--host <host>', 'where to listen (default: 127.0.0.1)')
    .option('--port <n>', 'likewise (default: a free one)', port)
    .option('--public-url <url>', 'how others reach it')
    .option('--confirmations <n>', 'blocks before a block counts (default: 2)', count)
    .option('--poll-ms <n>', 'between looks at the chain (default: 1000)', count)
    .option('--threads <n>', 'threads to use (default: all)', threads)
    .option('--log-level <level>', 'trace, debug, info, warn, error');
}

/** Verbs of the market. */
export function addMarketVerbs(program: Command, run: Runner): void {
  const network = program
    .command('network')
    .description('markets: one on a chain of this machine, or deployed to any');
  verb(network, 'up', 'start a local chain with a market, three providers and a watcher', [
    'network up',
    'network up --model DIR --fresh',
  ])
    .option('--folder <folder>', 'where chain and daemons keep their state', 'assay-network')
    .option('--port <n>', 'port of the chain', port, 8545)
    .option('--block-time <seconds>', 'seconds between blocks', seconds, 1)
    .addOption(new Option('--providers <n>', 'providers to start').default(3).argParser(upToThree))
    .option('--stake <dollars>', 'stake of each', '2000')
    .option('--model <folder>', 'bundle to register at once; may be repeated', collect)
    .option('--no-watch', 'no watcher')
    .option('--fresh', 'forget the chain of an earlier start')
    .action((options: NetworkUpOptions) =>
      run(options, async () => (await import('./commands/network-up.ts')).networkUp(options)),
    );

  verb(network, 'deploy', 'deploy a market to a chain; what stands already is kept', [
    'network deploy --rpc https://rpc.example --keystore deployer.json --token 0x… -o network.json',
  ])
    .requiredOption('--rpc <url>', 'a node of the chain')
    .requiredOption('-o, --output <file>', 'network file to write, or to go on from')
    .option(
      '--keystore <file>',
      'encrypted key of who pays (password in $ASSAY_PASSWORD, or a file that $ASSAY_PASSWORD_FILE names); without it $ASSAY_KEY',
    )
    .option('--token <address>', 'ERC-20 that jobs are paid in (default: a new test dollar)')
    .option('--steward <address>', 'may add rules and pause new posts (default: who pays)')
    .option('--rules <file>', 'JSON with the rules that differ from the default ones')
    .option('--unbonding-seconds <n>', 'between asking for stake and getting it (7 days)', seconds)
    .option('--replace', 'deploy another market although the file has a whole one')
    .action((options: NetworkDeployOptions) =>
      run(options, async () =>
        (await import('./commands/network-deploy.ts')).networkDeploy(options),
      ),
    );

  const model = program.command('model').description('models of a market');
  signed(
    verb(model, 'register', 'register a model: its record follows from program, weights and key', [
      'model register DIR',
      'model register DIR --uri https://example.org/models/digits',
    ]),
  )
    .argument('<folder>', 'the bundle, after setup')
    .option('--uri <uri>', 'where it can be had; may be repeated', collect)
    .action((folder: string, options: ModelRegisterOptions) =>
      run(options, async () =>
        (await import('./commands/model-register.ts')).registerModel(folder, options),
      ),
    );

  daemon(
    verb(program, 'provide', 'run jobs for money', [
      'provide --network network.json --keystore key.json --folder STATE --model DIR --stake 1000',
    ]),
  )
    .requiredOption('--stake <dollars>', 'staked at the first start')
    .option('--least-pay <dollars>', 'least pay for a job')
    .option('--places <n>', 'jobs under way at a time (default: 4)', count)
    .option(
      '--verifier-set <hex>',
      'set of verifiers whose word is accepted (hash); may be repeated',
      collect,
    )
    .option('--no-rescues', 'take no jobs that others were late with')
    .option('--withdraw-above <dollars>', 'what is earned leaves the market when it is more')
    .addOption(new Option('--cheat <how>', 'local networks: cheat').choices(CHEAT_NAMES).hideHelp())
    .action((options: ProvideOptions) =>
      run(options, async () => (await import('./commands/daemon.ts')).provide(options)),
    );

  daemon(
    verb(program, 'watch', 'run submitted jobs again, and prove what is wrong with them', [
      'watch --network network.json --keystore key.json --folder STATE --model DIR',
    ]),
  )
    .option('--share <fraction>', 'share of the jobs that is checked (default: 1)', share)
    .option('--no-challenges', 'never demand data on the chain')
    .action((options: WatchOptions) =>
      run(options, async () => (await import('./commands/daemon.ts')).watch(options)),
    );

  signed(
    verb(program, 'funds', 'show what an account has in a market; move it', [
      'funds --network network.json --keystore key.json',
      'funds --network network.json --keystore key.json --withdraw all',
      'funds --network network.json --keystore key.json --leave 1000',
    ]),
  )
    .option('--deposit <dollars>', 'into the market, for bonds and jobs')
    .option('--withdraw <dollars>', 'out of the market; "all" is all')
    .option('--stake <dollars>', 'add to the stake')
    .option('--leave <dollars>', 'ask for free stake back: it can be had after the unbonding time')
    .option('--collect', 'take what was asked for, when its time has come')
    .option('--to <address>', "where it goes (default: the account's own address)")
    .action((options: FundsOptions) =>
      run(options, async () => (await import('./commands/funds.ts')).funds(options)),
    );

  addJobVerbs(program.command('job').description('jobs of a market'), run);

  onNetwork(
    verb(program, 'market', 'show jobs, providers, prices and stakes; on a terminal, live', [
      'market',
      'market --once --json',
    ]),
  )
    .option('--once', 'show it once, also on a terminal')
    .addOption(new Option('--jobs <n>', 'newest jobs to show').default(20).argParser(count))
    .action((options: MarketOptions) =>
      run(options, async () => (await import('./commands/market.ts')).market(options)),
    );
}

function upToThree(text: string): number {
  return Math.min(3, count(text));
}

function addJobVerbs(job: Command, run: Runner): void {
  signed(
    verb(job, 'submit', 'post a job; wait for the answer, verify it, accept a proof that holds', [
      'job submit DIR --input input.json --price 0.10',
      'job submit DIR --input image.png --price 0.50 --evidence proof -o output.json',
      'job submit DIR --input patient.json --price 0.50 --evidence proof --private',
    ]),
  )
    .argument('<folder>', "your own bundle of the model: nothing is taken from the provider's")
    .requiredOption('--input <files...>', 'the input, as for `infer`')
    .requiredOption('--price <dollars>', 'most that it may cost')
    .option('--least-price <dollars>', 'where the price starts (default: half of it)')
    .addOption(
      new Option('--evidence <kind>', 'what the answer has to come with')
        .choices(['trace', 'proof', 'both'])
        .default('trace'),
    )
    .option('--lock-seconds <n>', 'how long it may be taken', seconds)
    .option('--work-seconds <n>', 'time for the work', seconds)
    .option('--window-seconds <n>', 'time to find out what is wrong with a trace', seconds)
    .option(
      '--private',
      'seal input and output: only the provider sees them (takes --evidence proof)',
    )
    .option('--detach', 'do not wait for the answer')
    .option('--threads <n>', 'threads to use (default: all)', threads)
    .option('-o, --output <file>', 'where to write the output', '-')
    .option('--normalize <json>', 'as for `infer`')
    .option('--strict', 'refuse inputs outside the calibrated range instead of clamping them')
    .action((folder: string, options: SubmitOptions) =>
      run(options, async () => (await import('./commands/job.ts')).submitJob(folder, options)),
    );

  onNetwork(
    verb(job, 'status', 'show where a job stands', ['job status HEX', 'job status HEX --json']),
  )
    .argument('<job>', "the job's id")
    .action((id: string, options: JobOptions) =>
      run(options, async () => (await import('./commands/job.ts')).jobStatus(id, options)),
    );

  onNetwork(
    verb(job, 'fetch', "fetch a job's output, checked against what the chain keeps of it", [
      'job fetch HEX --model DIR -o output.json --receipt run.receipt',
    ]),
  )
    .argument('<job>', "the job's id")
    .requiredOption('--model <folder>', 'your own bundle of the model')
    .option('-o, --output <file>', 'where to write the output', '-')
    .option('--receipt <file>', 'write the receipt there, for `verify`')
    .action((id: string, options: FetchOptions) =>
      run(options, async () => (await import('./commands/job.ts')).fetchJob(id, options)),
    );

  signed(
    verb(job, 'dispute', 'run a submitted job again; where its trace is wrong, prove the fraud', [
      'job dispute HEX --model DIR',
    ]),
  )
    .argument('<job>', "the job's id")
    .requiredOption('--model <folder>', 'your own bundle of the model')
    .option('--threads <n>', 'threads to use (default: all)', threads)
    .action((id: string, options: DisputeOptions) =>
      run(options, async () => (await import('./commands/job.ts')).disputeJob(id, options)),
    );

  signed(verb(job, 'cancel', 'take back a job that nobody has locked', ['job cancel HEX']))
    .argument('<job>', "the job's id")
    .action((id: string, options: JobOptions) =>
      run(options, async () => (await import('./commands/job.ts')).cancelJob(id, options)),
    );
}
