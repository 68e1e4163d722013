import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: '#platform', replacement: path('./src/platform/node.ts') },
      { find: /^#wasm\/(.*)$/, replacement: path('./build/wasm/$1.js') },
    ],
  },
  test: { environment: 'node', include: ['test/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
});
