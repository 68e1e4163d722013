// TensorFlow.js in plain JavaScript.
import '@tensorflow/tfjs-backend-cpu';
import { tfjs } from '../tfjs.mjs';

export const prepare = (task) => tfjs('tfjs-cpu', 'cpu', task);
