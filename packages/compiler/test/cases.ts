/** Where tests find the shared cases; a user's clone has no such folder. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../shared/cases/', import.meta.url));

const available = existsSync(root);

/** Whether tests on the shared cases run; where CI is set they must (and fail without the folder). */
export const hasCases: boolean = available || process.env['CI'] === 'true';

/** Reason to print with a skipped suite. */
export const casesReason: string = available
  ? ''
  : ' (skipped: shared/cases is not part of a clone)';

/** A path below the cases' folder, ending as given. */
export const casePath = (path: string): string => `${root}${path}`;
