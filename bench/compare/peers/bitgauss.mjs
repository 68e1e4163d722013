// This project, from its build.
import { convolution, gemm } from '../bitgauss/products.mjs';
import { training } from '../bitgauss/training.mjs';
import { vgg } from '../bitgauss/vgg.mjs';

const KINDS = { convolution, gemm, mlp: training, cnn: training, 'vgg-training': training, vgg };

export const prepare = (task) => KINDS[task.kind](task);
