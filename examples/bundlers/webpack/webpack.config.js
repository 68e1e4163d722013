import { resolve } from 'node:path';

export default {
  mode: 'production',
  entry: ['./index.html', './app.js'],
  output: { path: resolve('dist/webpack'), filename: 'app.js' },
  module: {
    rules: [
      { test: /\.safetensors$/, type: 'asset/resource' },
      { test: /\.html$/, type: 'asset/resource', generator: { filename: '[name][ext]' } },
    ],
  },
};
