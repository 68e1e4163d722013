// Threads need shared memory, and browsers share memory only in pages that these two headers isolate from other origins.
// `--mode unthreaded` leaves them out, to see the page as most servers would send it.
import { defineConfig } from 'vite';

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig(({ mode }) => {
  const headers = mode === 'unthreaded' ? {} : isolation;
  return {
    base: './',
    build: { target: 'es2022' },
    worker: { format: 'es' },
    server: { headers, fs: { allow: ['../..'] } },
    preview: { headers },
  };
});
