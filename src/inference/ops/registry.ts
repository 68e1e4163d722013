/**
 * What a model file may contain: the closed set of operations.
 *
 * @module
 */
import type { PrepareOp } from '../op.js';
import { prepareAffine } from './affine.js';
import { prepareConv2dB1b1 } from './conv2d-b1b1.js';
import { prepareConv2dF32 } from './conv2d-f32.js';
import { prepareConv2dF32b1 } from './conv2d-f32b1.js';
import { prepareFlatten } from './flatten.js';
import { prepareHardtanh } from './hardtanh.js';
import { prepareLinearB1b1 } from './linear-b1b1.js';
import { prepareLinearF32 } from './linear-f32.js';
import { prepareLinearF32b1 } from './linear-f32b1.js';
import { prepareMaxPool2d } from './max-pool2d.js';
import { preparePrelu } from './prelu.js';
import { prepareQuantize } from './quantize.js';
import { prepareSign } from './sign.js';
import { prepareThreshold } from './threshold.js';

export const OPS: ReadonlyMap<string, PrepareOp> = new Map([
  ['conv2d_f32', prepareConv2dF32],
  ['linear_f32', prepareLinearF32],
  ['conv2d_f32b1', prepareConv2dF32b1],
  ['linear_f32b1', prepareLinearF32b1],
  ['conv2d_b1b1', prepareConv2dB1b1],
  ['linear_b1b1', prepareLinearB1b1],
  ['max_pool2d', prepareMaxPool2d],
  ['affine', prepareAffine],
  ['prelu', preparePrelu],
  ['hardtanh', prepareHardtanh],
  ['quantize', prepareQuantize],
  ['sign', prepareSign],
  ['threshold', prepareThreshold],
  ['flatten', prepareFlatten],
]);
