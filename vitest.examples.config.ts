// The examples, each installed from the packed tarball in a folder of its own: `npm run test:examples`. One after the other, since some of them measure.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/examples/**/*.test.ts'],
    globalSetup: ['test/examples/pack.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
