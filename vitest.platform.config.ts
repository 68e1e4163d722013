// Tests that drive a browser: slower than the others, and with hosts of their own.
import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/**/*.run.ts'], testTimeout: 600_000, hookTimeout: 600_000 },
});
