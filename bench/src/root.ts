import { fileURLToPath } from 'node:url';

/** The repository: this module lies in bench/src or bench/dist. */
export const projectRoot: string = fileURLToPath(new URL('../../', import.meta.url));
