import { join } from 'node:path';
import type { Engine } from '@assay/core/engine';
import type { JobState, MarketClient } from '@assay/market';
import { type Fulfilled, localAccount, placeOrder, type Order } from '@assay/market/node';
import type { Hex } from 'viem';
import { registerModel } from '../../commands/model-register.ts';
import { parseDollars } from '../../network/amounts.ts';
import { clientFor } from '../../network/client.ts';
import { startLocalNetwork } from '../../network/local-network.ts';
import { accountNames } from '../../network/market-figures.ts';
import { findRegistered, openOwnModel, type OwnModel } from '../../network/model.ts';
import { LOCAL_ACCOUNTS, type LocalName, openNetwork } from '../../network/network-file.ts';
import { type Role, startRole } from '../../network/roles.ts';
import { waitForStake } from '../../network/stakes.ts';
import { formatMs } from '../../ui/index.ts';
import { holdings, renderHoldings, sumOfChanges } from './balances.ts';
import { type Line, Narrator } from './narrator.ts';

/** A model of the story, and what is asked of it. */
export interface Question {
  /** Bundle, set up. */
  readonly folder: string;
  readonly values: ReadonlyMap<string, Int32Array>;
  /** An output in words. */
  readonly say: (outputs: ReadonlyMap<string, Int32Array>) => string;
}

export interface StoryOptions {
  readonly folder: string;
  readonly engine: Engine;
  readonly digit: Question;
  readonly diagnosis: Question;
  readonly say: (line: string) => void;
  readonly port?: number | undefined;
}

export interface Chapter {
  readonly title: string;
  readonly job: Hex;
  readonly state: JobState;
  readonly expected: JobState;
  readonly answer: string | null;
}

export interface Story {
  readonly ok: boolean;
  readonly chapters: readonly Chapter[];
  readonly lines: readonly Line[];
  /** What all accounts together have gained, in the token's smallest unit: nothing. */
  readonly sum: string;
  readonly table: string;
  readonly rpcUrl: string;
  readonly network: string;
  /** Ends chain and daemons. */
  stop(): Promise<void>;
}

/** Honest providers work for this; those who do not mean to work underbid them. */
const LEAST_PAY = '0.09';
const STAKE = '500';
/** A rescue pays more than the job did: it comes on top of everything else, and in a hurry. */
const RULES = { latePerPriceBps: 25_000 };
const HONEST = ['provider-1', 'provider-2', 'provider-3'] as const;
const CAST = ['requester', ...HONEST, 'watcher', 'cheat', 'vanisher'] as const;
/** Nothing is left to be done when the story ends: one of the cast would never end by itself. */
const LEAVE_MS = 3000;
const POLL = ['--poll-ms', '300', '--threads', '1', '--log-level', 'info'];

/** A whole economy: four jobs, of which one is answered wrongly and one not at all. */
export async function tellStory(options: StoryOptions): Promise<Story> {
  const { folder, say, engine } = options;
  const closing: (() => Promise<unknown>)[] = [];
  const roles: Role[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(roles.splice(0).map((role) => role.stop(LEAVE_MS)));
    for (const step of closing.splice(0).reverse()) await step();
  };
  const models: OwnModel[] = [];
  try {
    const started = performance.now();
    const local = await startLocalNetwork({
      folder,
      port: options.port,
      blockTimeSeconds: 1,
      rules: RULES,
      fresh: true,
    });
    closing.push(() => local.stop());
    say(
      `  chain       ${local.deployed.length} contracts on ${local.rpcUrl} in ${formatMs(performance.now() - started)}`,
    );
    const network = openNetwork({ network: folder });
    const names = accountNames(network);
    for (const { folder: bundle } of [options.digit, options.diagnosis]) {
      const { json } = await registerModel(bundle, { network: folder, account: 'deployer' });
      const { title, gas, relations } = json as { title: string; gas: number; relations: number };
      say(
        `  registered  ${title}: ${relations} relations under one root (${Math.round(gas / 1000)} k gas)`,
      );
    }
    const role = (name: LocalName, verb: 'provide' | 'watch', args: readonly string[]): Role => {
      const made = startRole(folder, name, verb, [...args, ...POLL]);
      roles.push(made);
      return made;
    };
    const joining = performance.now();
    for (const name of HONEST) role(name, 'provide', ['--stake', STAKE, '--least-pay', LEAST_PAY]);
    role('watcher', 'watch', []);
    const client = clientFor(network, { account: 'requester' });
    await waitForStake(network, HONEST);
    say(
      `  joined      three providers with ${STAKE} $ of stake each, and a watcher, in ${formatMs(performance.now() - joining)}`,
    );

    const accounts = new Map(
      CAST.map((name) => [name, localAccount(LOCAL_ACCOUNTS[name]).address]),
    );
    const narrator = new Narrator(network, names, say);
    narrator.start();
    closing.push(() => narrator.stop());
    await narrator.settled();
    const before = await holdings(client, await client.refresh(), accounts);

    const ask = async (question: Question, order: Terms): Promise<Order> => {
      const own = openOwnModel(question.folder);
      models.push(own);
      const { program, verifyingKey: key } = own.bundle;
      const { id: modelId } = await findRegistered(client, own);
      return { modelId, program, key, values: question.values, ...order };
    };
    const chapters: Chapter[] = [];
    const chapter = async (
      title: string,
      question: Question,
      order: Terms,
      expected: JobState,
    ): Promise<void> => {
      say(`\n${title}`);
      const fulfilled = await run(client, await ask(question, order), narrator);
      await narrator.settled();
      const { job, output } = fulfilled;
      const answer = output === null ? null : question.say(output.values);
      if (answer !== null) say(`          answer      ${answer}`);
      chapters.push({ title, job: job.id, state: job.state, expected, answer });
    };

    await chapter(
      'A digit, with a proof: an honest provider is paid as soon as the requester has verified it.',
      options.digit,
      { evidence: ['proof'], maxPrice: dollars('0.10'), minPrice: dollars('0.10') },
      'final',
    );
    const cheat = role('cheat', 'provide', ['--cheat', 'wrong-output', '--stake', STAKE]);
    await waitForStake(network, ['cheat']);
    await chapter(
      'The same digit, with a trace: a provider that underbids everyone answers something else.',
      options.digit,
      {
        evidence: ['trace'],
        maxPrice: dollars('0.10'),
        minPrice: dollars('0.02'),
        rampSeconds: 120,
        windowSeconds: 20,
      },
      'slashed',
    );
    await cheat.stop(LEAVE_MS);
    const vanisher = role('vanisher', 'provide', ['--cheat', 'vanishing', '--stake', STAKE]);
    await waitForStake(network, ['vanisher']);
    await chapter(
      'Once more: whoever locks it first is never heard of again.',
      options.digit,
      {
        evidence: ['trace'],
        maxPrice: dollars('0.10'),
        minPrice: dollars('0.085'),
        rampSeconds: 120,
        workSeconds: 10,
      },
      'final',
    );
    await vanisher.stop(LEAVE_MS);
    await chapter(
      'A diagnosis in private: input and output sealed, a proof in zero knowledge.',
      options.diagnosis,
      {
        evidence: ['proof'],
        maxPrice: dollars('0.30'),
        minPrice: dollars('0.30'),
        privately: { engine },
      },
      'final',
    );

    await narrator.settled();
    const after = await holdings(client, await client.refresh(), accounts);
    const sum = sumOfChanges(before, after);
    return {
      ok: chapters.every(({ state, expected }) => state === expected) && sum === 0n,
      sum: String(sum),
      chapters,
      lines: narrator.lines,
      table: renderHoldings(before, after),
      rpcUrl: local.rpcUrl,
      network: join(folder, 'network.json'),
      stop,
    };
  } catch (cause) {
    await stop();
    throw cause;
  } finally {
    for (const { bundle } of models) bundle.close();
  }
}

type Terms = Omit<Order, 'modelId' | 'program' | 'key' | 'values'>;

const dollars = (text: string): bigint => parseDollars('price', text);

/** What the chain does not show: what the requester does between its transactions. */
function run(client: MarketClient, order: Order, narrator: Narrator): Promise<Fulfilled> {
  return placeOrder(client, order, (event) => {
    if (event.kind !== 'judged') return;
    const { verdict } = event.judgement;
    const words = verdict === 'pass' ? 'by the requester: the proof holds' : event.judgement.reason;
    narrator.after('Submitted', `          verified    ${words} (${formatMs(event.ms)})`);
  });
}
