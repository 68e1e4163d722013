// The examples, each installed from the packed tarball in a folder of its own: `npm run test:examples`. One after the other, since some of them measure.
import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/examples/**/*.run.ts'],
    globalSetup: ['test/examples/pack.ts'],
    fileParallelism: false,
    hookTimeout: 600_000,
  },
});
