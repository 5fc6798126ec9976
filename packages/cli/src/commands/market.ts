import { EXIT } from '../exit-codes.ts';
import { followMarket, marketFigures } from '../network/market-figures.ts';
import { renderMarket } from '../network/market-table.ts';
import { knownTitles } from '../network/model.ts';
import { type NetworkOptions, openNetwork } from '../network/network-file.ts';
import type { Outcome } from '../outcome.ts';
import type { CommonOptions } from '../terminal.ts';

export interface MarketOptions extends CommonOptions, NetworkOptions {
  /** Show it once, also on a terminal. */
  readonly once?: boolean;
  readonly jobs: number;
}

const REFRESH_MS = 1000;
const CLEAR = '\u001b[H\u001b[2J';

/** The market's jobs, providers and stakes; on a terminal again and again, until Ctrl-C. */
export async function market(options: MarketOptions): Promise<Outcome> {
  const network = openNetwork(options);
  const follower = followMarket(network);
  const live = process.stdout.isTTY && options.once !== true && options.json !== true;
  let stopped = false;
  const stop = (): void => {
    stopped = true;
  };
  if (live) process.once('SIGINT', stop);
  try {
    for (;;) {
      const figures = await marketFigures(network, follower, knownTitles(network));
      const text = renderMarket(figures, options.jobs);
      if (!live || stopped) {
        const { view, providers, head } = figures;
        const json = {
          ok: true,
          head,
          models: [...view.models.values()],
          providers,
          jobs: [...view.jobs.values()],
        };
        return { exitCode: EXIT.ok, json: plain(json), text: live ? '' : text };
      }
      process.stdout.write(`${CLEAR}${text}\n\nCtrl-C ends this.\n`);
      await new Promise((done) => setTimeout(done, REFRESH_MS));
    }
  } finally {
    process.off('SIGINT', stop);
  }
}

/** Amounts as decimal text: JSON has no integers of their size. */
export function plain(value: object): object {
  return JSON.parse(
    JSON.stringify(value, (_, entry: unknown) =>
      typeof entry === 'bigint' ? String(entry) : entry,
    ),
  ) as object;
}
