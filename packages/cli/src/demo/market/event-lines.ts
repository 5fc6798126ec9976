import type { JobView, MarketEvent } from '@assay/market';
import { formatBytes } from '../../ui/index.ts';
import { formatDollars } from '../../network/amounts.ts';
import { nameOf } from '../../network/market-table.ts';

/** What an event of a job means, in words with amounts; null: nothing that is worth a line. */
export function describeEvent(
  event: MarketEvent,
  job: JobView | null,
  names: ReadonlyMap<string, string>,
): readonly [what: string, words: string] | null {
  if (event.contract === 'disputes') return disputeWords(event, names);
  if (event.contract !== 'market') return null;
  switch (event.name) {
    case 'Posted': {
      const { maxPrice, verifierFee } = event.args.params;
      return ['posted', `at most ${formatDollars(maxPrice + verifierFee)} into escrow`];
    }
    case 'Locked': {
      const { provider, price, rescue } = event.args;
      const reserve = job === null ? '' : `, holding ${formatDollars(job.params.reserve)} of stake`;
      const words = `${nameOf(names, provider)} for ${formatDollars(price)}${reserve}`;
      return [rescue ? 'rescued' : 'locked', words];
    }
    case 'Delivered':
      return ['delivered', 'input sealed to its provider alone'];
    case 'InputAcknowledged':
      return ['opened', 'by the provider: the commitment is the one that the job names'];
    case 'Submitted': {
      const { output, content } = event.args;
      const bytes = (output.length - 2) / 2;
      const shown =
        bytes === 0 ? 'output sealed to the requester' : `output of ${formatBytes(bytes)}`;
      const evidence = [
        ...(isZero(content.traceRoot) ? [] : ['trace root']),
        ...(isZero(content.proofDigest) ? [] : ['proof']),
      ];
      return ['submitted', `${shown}, ${evidence.join(' and ')}`];
    }
    case 'Finalized': {
      const { provider, price } = event.args;
      return ['paid', `${formatDollars(price)} to ${nameOf(names, provider)}, stake released`];
    }
    case 'Faulted': {
      const { provider, fault, accuser, reward, refund, burned } = event.args;
      if (fault === 0) {
        return [
          'late',
          `${nameOf(names, provider)} was not heard of: ${formatDollars(refund)} back to the requester, ${formatDollars(burned)} of its stake burned`,
        ];
      }
      return [
        'slashed',
        `${nameOf(names, provider)}: ${formatDollars(refund)} back to the requester, ${formatDollars(reward)} to ${nameOf(names, accuser)}, ${formatDollars(burned)} burned`,
      ];
    }
    case 'RescueOpened':
      return [
        'rescue',
        `${formatDollars(event.args.pot)} of the late one's stake for whoever does it now`,
      ];
    default:
      return null;
  }
}

function disputeWords(
  event: Extract<MarketEvent, { contract: 'disputes' }>,
  names: ReadonlyMap<string, string>,
): readonly [string, string] | null {
  switch (event.name) {
    case 'Committed':
      return [
        'committed',
        `${nameOf(names, event.args.by)} has found a fraud, and commits to the proof of it`,
      ];
    case 'Opened':
      return ['challenged', `${nameOf(names, event.args.challenger)} asks for data on the chain`];
    default:
      return null;
  }
}

function isZero(hex: string): boolean {
  return /^0x0*$/.test(hex);
}
