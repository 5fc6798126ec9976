import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openServedModel, type ServedModel } from './served-model.ts';

/** A folder of bundles that grows while a daemon runs. A bundle appears under its name whole, or not at all. */
export class ModelShelf {
  readonly #folder: string;
  readonly #seen: Set<string> = new Set();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Models that were not there before; those that cannot be opened are told once, and left. */
  takeNew(onTrouble: (bundle: string, error: unknown) => void): readonly ServedModel[] {
    if (!existsSync(this.#folder)) return [];
    const names = readdirSync(this.#folder).filter(
      (name) => !name.startsWith('.') && !this.#seen.has(name),
    );
    return names.toSorted().flatMap((name): ServedModel[] => {
      this.#seen.add(name);
      const bundle = join(this.#folder, name);
      try {
        return [openServedModel(bundle)];
      } catch (error) {
        onTrouble(bundle, error);
        return [];
      }
    });
  }
}
