import {
  type Addresses,
  EVIDENCE,
  evidenceCommitment,
  fraudHash,
  INPUT_KIND,
  JOB_STATES,
  jobId,
  type JobParams,
  type JobState,
  type MarketEvent,
  MarketView,
  type ModelRecord,
  priceAt,
  type Rules,
  type Submission,
  submissionHash,
  ZERO_ADDRESS,
  ZERO_HASH,
} from '@assay/market';
import { disputesAbi } from '@assay/contracts';
import { decodeFunctionData, type Hex, hexToString, stringToHex } from 'viem';
import type { Call } from '../outbox/index.ts';
import type { Calls, Head, Reads } from '../provider/index.ts';
import type { FakeChain } from './fake-chain.ts';

/** A move in the fake market, by whomever. */
type Move =
  | { readonly name: 'post'; readonly params: JobParams; readonly input: Hex }
  | { readonly name: 'lock' | 'acknowledge' | 'expire'; readonly params: JobParams }
  | { readonly name: 'deliver'; readonly params: JobParams; readonly uri: string }
  | {
      readonly name: 'submit';
      readonly params: JobParams;
      readonly submission: Submission;
      readonly output: Hex;
      readonly uri: string;
    }
  | { readonly name: 'finalize' | 'accept'; readonly job: Hex }
  | { readonly name: 'withdraw'; readonly amount: bigint };

interface FakeJob {
  state: JobState;
  provider: Hex;
  late: Hex | null;
  due: number;
  windowEnd: number;
  windowEndBlock: bigint;
  delivered: boolean;
  acknowledged: boolean;
  accepted: boolean;
}

export const FAKE_RULES: Rules = {
  minWork: 1,
  minWindow: 1,
  minWindowBlocks: 1,
  graceSeconds: 20,
  graceBlocks: 2,
  turnSeconds: 100,
  turnBlocks: 5,
  verdictSeconds: 200,
  deliverSeconds: 100,
  minReserve: 1n,
  reservePerPrice: 1,
  latePerPriceBps: 1,
  challengeBond: 1n,
  rewardCap: 1n,
  rewardBps: 1,
  forfeitBurnBps: 1,
  idleBps: 1,
  voidBps: 1,
  activeFrom: 0,
};

/** Where calls of this fake's own are told from the contracts'. */
const JSON_START: Hex = stringToHex('{"');

export const PLACE: Addresses = {
  chainId: 1,
  fromBlock: 0n,
  market: '0x00000000000000000000000000000000000000a1',
  disputes: '0x00000000000000000000000000000000000000a2',
  models: '0x00000000000000000000000000000000000000a3',
  providers: '0x00000000000000000000000000000000000000a4',
  token: '0x00000000000000000000000000000000000000a5',
};

const encode = (move: Move): Call => ({
  to: PLACE.market,
  data: stringToHex(JSON.stringify(move, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))),
});

function decode(data: Hex): Move {
  return JSON.parse(hexToString(data), (_, v: unknown) =>
    typeof v === 'string' && /^\d+n$/.test(v) ? BigInt(v.slice(0, -1)) : v,
  ) as Move;
}

export const MODEL: Hex = `0x${'33'.repeat(32)}`;
const REQUESTER: Hex = '0x00000000000000000000000000000000000000b1';
export const OTHER: Hex = '0x00000000000000000000000000000000000000b2';

/** The rules of the market on a `FakeChain`, in short: a function of its blocks, so reorgs need nothing. */
export class FakeMarket {
  readonly chain: FakeChain;
  readonly provider: Hex;
  stake = 1000n;
  credit: () => bigint = () => 0n;
  #view = new MarketView();
  #jobs = new Map<Hex, FakeJob>();
  #seen = '';
  /** Block of each commitment to evidence. */
  #commitments = new Map<Hex, number>();
  /** Calls that reverted in a block. */
  readonly reverted: Set<string> = new Set();
  #counter = 0;

  constructor(chain: FakeChain, provider: Hex) {
    this.chain = chain;
    this.provider = provider;
    chain.refuses = (call) => {
      this.#replay();
      const jobs = structuredClone(this.#jobs);
      const block = chain.blocks.length;
      const commitments = new Map(this.#commitments);
      return this.#playCall(call.data, provider, {
        jobs,
        commitments,
        block,
        emit: () => undefined,
      });
    };
    chain.reverts = ({ hash }) => {
      this.#replay();
      return this.reverted.has(hash);
    };
  }

  timestamp(block: number): number {
    return 1000 + 10 * block;
  }

  view(): MarketView {
    this.#replay();
    return this.#view;
  }

  /** Posted with the next block. */
  post(changes: Partial<JobParams> = {}, input: Hex = '0x01'): Hex {
    const params: JobParams = {
      requester: REQUESTER,
      modelId: MODEL,
      evidence: EVIDENCE.trace,
      inputKind: INPUT_KIND.inline,
      inputRoot: ZERO_HASH,
      minPrice: 10n,
      maxPrice: 20n,
      rampStart: 0,
      rampSeconds: 1,
      lockBy: 1e6,
      workSeconds: 600,
      windowSeconds: 50,
      windowBlocks: 3,
      rescueSeconds: 500,
      reserve: 100n,
      verifierSet: ZERO_HASH,
      verifierFee: 0n,
      maxOutputBytes: 4096,
      outputKey: ZERO_HASH,
      callback: ZERO_ADDRESS,
      callbackGas: 0,
      nonce: `0x${(this.#counter++).toString(16).padStart(64, '0')}`,
      rules: 0n,
      ...changes,
    };
    this.act({ name: 'post', params, input });
    return jobId(PLACE, params);
  }

  /** Somebody else's move, in the next block. */
  act(move: Move, from: Hex = OTHER): void {
    this.chain.others.push({ move, from });
  }

  get reads(): Reads {
    return {
      head: async (): Promise<Head> => {
        this.chain.beforeRequest('head');
        const block = this.chain.blocks.length - 1;
        return { number: BigInt(block), timestamp: this.timestamp(block) };
      },
      rules: async () => FAKE_RULES,
      freeStake: async () => {
        this.#replay();
        const held = [...this.#jobs.entries()].filter(
          ([, j]) => j.provider === this.provider && ['locked', 'submitted'].includes(j.state),
        );
        return this.stake - 100n * BigInt(held.length);
      },
      credit: async () => this.credit(),
    };
  }

  readonly calls: Calls = {
    lock: (params) => encode({ name: 'lock', params }),
    acknowledge: (params) => encode({ name: 'acknowledge', params }),
    submit: (params, submission, output, uri) =>
      encode({ name: 'submit', params, submission, output, uri }),
    finalize: (job) => encode({ name: 'finalize', job }),
    expire: (params) => encode({ name: 'expire', params }),
    withdraw: (_, amount) => encode({ name: 'withdraw', amount }),
  };

  #replay(): void {
    const { chain } = this;
    const seen = `${chain.fork}:${chain.blocks.length}`;
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#view = new MarketView();
    this.#jobs = new Map();
    this.#commitments = new Map();
    this.reverted.clear();
    const record: ModelRecord = {
      programDigest: ZERO_HASH,
      relationsRoot: ZERO_HASH,
      constantsRoot: ZERO_HASH,
      pcsRoot: ZERO_HASH,
      pcsOod: ZERO_HASH,
      relations: 1,
      constants: 1,
      inputs: 1,
      traces: 1,
      outputs: 1,
      inputSizes: 1n,
      outputSizes: 1n,
      predecessor: ZERO_HASH,
      manifest: ZERO_HASH,
    };
    const block = { number: 0n, hash: '0x00' } as const;
    this.#view.models.set(MODEL, { id: MODEL, record, registrant: REQUESTER, uris: [], block });
    chain.blocks.forEach(({ transactions, others }, number) => {
      const emit = (name: string, args: object): void => {
        const hash: Hex = `0x${chain.fork}${number}`;
        const raw = {
          address: PLACE.market,
          topics: [],
          data: '0x',
          block: { number: BigInt(number), hash },
        };
        const event = {
          contract: 'market',
          name,
          args,
          raw: { ...raw, logIndex: 0, transaction: hash },
        };
        this.#view.apply(event as unknown as MarketEvent);
      };
      for (const other of others as { move: Move; from: Hex }[]) {
        this.#play(other.move, other.from, this.#jobs, number, emit);
      }
      for (const { data, hash } of transactions) {
        if (data === '0xff') continue;
        const at = { jobs: this.#jobs, commitments: this.#commitments, block: number, emit };
        const problem = this.#playCall(data, this.provider, at);
        if (problem !== null) this.reverted.add(hash);
      }
    });
  }

  /** A move, or evidence as the contract takes it. */
  #playCall(
    data: Hex,
    from: Hex,
    at: {
      readonly jobs: Map<Hex, FakeJob>;
      readonly commitments: Map<Hex, number>;
      readonly block: number;
      readonly emit: (name: string, args: object) => void;
    },
  ): string | null {
    const { jobs, commitments, block, emit } = at;
    if (data.startsWith(JSON_START)) return this.#play(decode(data), from, jobs, block, emit);
    const { functionName, args } = decodeFunctionData({ abi: disputesAbi, data });
    if (functionName === 'commit') {
      if (!commitments.has(args[0])) commitments.set(args[0], block);
      return null;
    }
    if (functionName !== 'proveFraud') return 'not in this fake';
    const [{ params, submission }, proof, salt] = args;
    const { chainId, disputes } = PLACE;
    const named = fraudHash(proof);
    const commitment = evidenceCommitment({
      chainId,
      disputes,
      by: from,
      submission,
      proof: named,
      salt,
    });
    const committed = commitments.get(commitment);
    const id = jobId(PLACE, params);
    const job = jobs.get(id);
    if (job?.state !== 'submitted') return 'NotTheCase';
    if (committed === undefined) return 'CommitmentMissing';
    if (block <= committed) return 'CommitmentYoung';
    job.state = 'slashed';
    const money = { reward: 1n, refund: 1n, burned: 1n };
    emit('Faulted', { job: id, provider: job.provider, fault: 1, accuser: from, ...money });
    return null;
  }

  /** Null: done; text: reverted. */
  #play(
    move: Move,
    from: Hex,
    jobs: Map<Hex, FakeJob>,
    block: number,
    emit: (name: string, args: object) => void,
  ): string | null {
    const now = this.timestamp(block);
    if (move.name === 'withdraw') return null;
    const id = 'job' in move ? move.job : jobId(PLACE, move.params);
    const job = jobs.get(id);
    if (move.name === 'post') {
      if (job !== undefined) return 'WrongState';
      jobs.set(id, {
        state: 'open',
        provider: ZERO_ADDRESS,
        late: null,
        due: 0,
        windowEnd: 0,
        windowEndBlock: 0n,
        delivered: false,
        acknowledged: false,
        accepted: false,
      });
      emit('Posted', { job: id, params: move.params, input: move.input });
      return null;
    }
    if (job === undefined) return 'WrongState';
    switch (move.name) {
      case 'lock': {
        const { params } = move;
        const isRescue = job.state === 'rescue';
        if (job.state !== 'open' && !isRescue) return 'WrongState';
        if (!isRescue && now > params.lockBy) return 'TooLate';
        if (isRescue && job.late === from) return 'NotYours';
        const sealed = params.inputKind === INPUT_KIND.sealed;
        job.state = 'locked';
        job.provider = from;
        job.due = now + (sealed ? FAKE_RULES.deliverSeconds : params.workSeconds);
        const price = isRescue ? 5n : priceAt(params, now);
        emit('Locked', { job: id, provider: from, price, due: job.due, rescue: isRescue });
        return null;
      }
      case 'deliver':
        if (job.state !== 'locked' || job.delivered) return 'WrongState';
        job.delivered = true;
        emit('Delivered', { job: id, ciphertext: ZERO_HASH, uri: move.uri });
        return null;
      case 'acknowledge':
        if (job.state !== 'locked' || job.provider !== from || job.acknowledged)
          return 'WrongState';
        if (!job.delivered || now > job.due) return 'TooLate';
        job.acknowledged = true;
        job.due = now + move.params.workSeconds;
        emit('InputAcknowledged', { job: id, due: job.due });
        return null;
      case 'submit': {
        const { submission: content, output, uri, params } = move;
        if (job.state !== 'locked' || job.provider !== from) return 'WrongState';
        if (now > job.due) return 'TooLate';
        job.state = 'submitted';
        job.windowEnd = now + params.windowSeconds;
        job.windowEndBlock = BigInt(block + params.windowBlocks);
        const { windowEnd, windowEndBlock } = job;
        const submission = submissionHash(content);
        emit('Submitted', { job: id, submission, content, output, uri, windowEnd, windowEndBlock });
        return null;
      }
      case 'accept':
        if (job.state !== 'submitted') return 'WrongState';
        job.accepted = true;
        job.state = 'final';
        emit('Finalized', { job: id, provider: job.provider, price: 10n, accepted: true });
        return null;
      case 'finalize':
        if (job.state !== 'submitted') return 'WrongState';
        if (now <= job.windowEnd + FAKE_RULES.graceSeconds) return 'TooSoon';
        if (BigInt(block) <= job.windowEndBlock + BigInt(FAKE_RULES.graceBlocks)) return 'TooSoon';
        job.state = 'final';
        emit('Finalized', { job: id, provider: job.provider, price: 10n, accepted: false });
        return null;
      case 'expire': {
        if (job.state !== 'locked' && job.state !== 'submitted') return 'WrongState';
        if (job.state === 'locked' && now <= job.due) return 'TooSoon';
        if (job.state === 'submitted' && now <= job.windowEnd + FAKE_RULES.verdictSeconds)
          return 'TooSoon';
        if (
          job.state === 'locked' &&
          job.late === null &&
          !(move.params.inputKind === INPUT_KIND.sealed)
        ) {
          job.late = job.provider;
          job.state = 'rescue';
          const none = { accuser: from, reward: 0n, refund: 0n, burned: 0n };
          emit('Faulted', { job: id, provider: job.late, fault: 0, ...none });
          emit('RescueOpened', { job: id, pot: 5n, until: now + move.params.rescueSeconds });
          return null;
        }
        job.state = job.state === 'submitted' ? 'void' : 'cancelled';
        emit('Ended', { job: id, state: JOB_STATES.indexOf(job.state) });
        return null;
      }
    }
  }
}
