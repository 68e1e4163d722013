import { fileURLToPath } from 'node:url';

/** The repository. Bundled by scripts/run.mjs this file is in build/run, as deep as here. */
export const root: string = fileURLToPath(new URL('../../', import.meta.url));
