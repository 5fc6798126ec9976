import { AssayError } from '@assay/core/errors';
import {
  type DerivedModel,
  deriveRecord,
  type MarketClient,
  type ModelView,
  recordDifferences,
} from '@assay/market';
import { type Bundle, openBundle } from '@assay/prover/bundle';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Hex } from 'viem';
import type { Network } from './network-file.ts';

/** A model of one's own: its record follows from what is here, not from what the chain says. */
export interface OwnModel extends DerivedModel {
  readonly bundle: Bundle;
}

export function openOwnModel(folder: string): OwnModel {
  const bundle = openBundle(folder);
  const { program, verifyingKey: key } = bundle;
  return { bundle, ...deriveRecord({ program, weights: bundle.weights(), key }) };
}

/** The registered model whose record is one's own. @throws {AssayError} ASSAY_MODEL_UNREGISTERED */
export async function findRegistered(client: MarketClient, own: OwnModel): Promise<ModelView> {
  const { models } = await client.refresh();
  for (const model of models.values()) {
    if (recordDifferences(own.record, model.record).length === 0) return model;
  }
  throw new AssayError({
    code: 'ASSAY_MODEL_UNREGISTERED',
    shortMessage: `the model in ${own.bundle.folder} is not registered in this market`,
    details: 'Register it: `assay model register DIR`. After another setup it is another model.',
  });
}

const TITLES_FILE = 'titles.tsv';

/** Remembers what a model is called here: the chain knows models by their hash alone. */
export function rememberTitle(network: Network, id: Hex, title: string): void {
  const line = `${id}\t${title.replaceAll(/\s+/g, ' ')}\n`;
  appendFileSync(join(dirname(network.path), TITLES_FILE), line);
}

export function knownTitles(network: Network): ReadonlyMap<Hex, string> {
  const path = join(dirname(network.path), TITLES_FILE);
  if (!existsSync(path)) return new Map();
  return new Map(
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line): [Hex, string][] => {
        const [id, title] = line.split('\t');
        return id?.startsWith('0x') === true && title !== undefined ? [[id as Hex, title]] : [];
      }),
  );
}
