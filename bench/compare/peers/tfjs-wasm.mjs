// TensorFlow.js on XNNPACK in WebAssembly: SIMD, one thread.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { tfjs } from '../tfjs.mjs';

setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
setThreadsCount(1);

export const prepare = (task) => tfjs('tfjs-wasm', 'wasm', task);
