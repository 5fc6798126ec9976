import type { Engine } from '@assay/core/engine';
import { openBundle } from '@assay/prover/bundle';
import { interruption } from '../../network/interruption.ts';
import { quantizeInputs } from '../../tensors.ts';
import { firstOf, sampleOf } from '../accuracy.ts';
import { largest } from '../forge.ts';
import type { HeldOut } from '../held-out.ts';
import type { Diagnosis } from '../private.ts';
import { type Story, tellStory } from './story.ts';

export interface MarketPart {
  readonly folder: string;
  readonly engine: Engine;
  readonly digit: {
    readonly folder: string;
    readonly input: string;
    readonly image: HeldOut | undefined;
  };
  readonly diagnosis: Diagnosis & { readonly folder: string };
  readonly say: (line: string) => void;
  /** Keeps the network up until Ctrl-C. */
  readonly stays: boolean;
}

/** What is left of the story when it has been told. */
export type Economy = Omit<Story, 'stop' | 'table'>;

/** A market on a chain of this machine, with providers of every kind. */
export async function market(part: MarketPart): Promise<Economy> {
  const { say, digit, diagnosis, folder, engine } = part;
  say('A market: strangers run the models for money, on a chain of this machine.');
  const { image } = digit;
  if (image === undefined) throw new TypeError('market: expected an image');
  const bundle = openBundle(digit.folder);
  const { values } = quantizeInputs(bundle.program, sampleOf(digit.input, image), false);
  bundle.close();
  const story = await tellStory({
    folder,
    engine,
    say,
    digit: {
      folder: digit.folder,
      values,
      say: (outputs) => `a ${largest(firstOf(outputs))}, labelled ${image.label}`,
    },
    diagnosis: {
      folder: diagnosis.folder,
      values: diagnosis.patient.values,
      say: (outputs) =>
        `${diagnosis.names[largest(firstOf(outputs))] ?? ''}, labelled ${diagnosis.patient.label}`,
    },
  });
  try {
    say(`\n${story.table}\n`);
    if (part.stays) {
      say(`The network stays up until Ctrl-C: ${story.rpcUrl}`);
      say(`  npx assay market --network ${story.network}`);
      say(
        `  npx assay job submit ${digit.folder} --network ${story.network} --input FILE --price 0.10`,
      );
      await interruption();
    }
    const { ok, chapters, lines, sum, rpcUrl, network } = story;
    return { ok, chapters, lines, sum, rpcUrl, network };
  } finally {
    await story.stop();
  }
}
