/**
 * All layers by name.
 *
 * @module
 */
export { batchNorm } from './batch-norm.js';
export { binaryConv2d } from './binary-conv2d.js';
export { binaryLinear } from './binary-linear.js';
export { conv2d } from './conv2d.js';
export { flatten } from './flatten.js';
export { hardtanh } from './hardtanh.js';
export { linear } from './linear.js';
export { maxPool2d } from './max-pool2d.js';
export { maxout } from './maxout.js';
export { prelu } from './prelu.js';
export { relu } from './relu.js';
export { rprelu } from './rprelu.js';
export { rsign } from './rsign.js';
