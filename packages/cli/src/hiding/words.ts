import type { Program, Visibility } from '@assay/program';
import { portRefs, type PortRef, sideWord } from './port-names.ts';

/** "hidden", "committed" or "public", by side and port name. */
export interface ShownJson {
  readonly weights: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

export function shownJson(program: Program, visibility: Visibility): ShownJson {
  const side = (name: PortRef['side']): Readonly<Record<string, string>> =>
    Object.fromEntries(
      program[name].map((port, i) => [port.name, visibility[name][i]?.kind ?? 'public']),
    );
  return { weights: visibility.weights.kind, inputs: side('inputs'), outputs: side('outputs') };
}

const PORT_WORDS = {
  public: 'shown: its values stand in every receipt',
  committed: 'committed: receipts name it, and show nothing else of it',
  hidden: 'hidden: receipts say nothing of it but that there is such a value',
} as const;

const WEIGHTS_WORDS = {
  public: 'public: whoever has them can make the model name again',
  hidden: 'hidden: a registration proof in the verifying key shows that they are in their ranges',
} as const;

/** What proofs show and hide, a line each, in plain words. */
export function shownLines(program: Program, visibility: Visibility): string[] {
  return [
    `weights     ${WEIGHTS_WORDS[visibility.weights.kind]}`,
    ...portRefs(program).map(({ side, index, port }) => {
      const kind = visibility[side][index]?.kind ?? 'public';
      return `${sideWord(side).padEnd(11)} "${port.name}" ${PORT_WORDS[kind]}`;
    }),
  ];
}
