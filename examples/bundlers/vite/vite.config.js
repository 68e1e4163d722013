import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  assetsInclude: ['**/*.safetensors'],
  build: { outDir: 'dist/vite', assetsInlineLimit: 0 },
});
