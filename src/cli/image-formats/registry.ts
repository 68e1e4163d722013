/**
 * Picture formats that `predict` reads.
 *
 * @module
 */
import type { ImageFormat } from './format.js';
import { jpeg } from './jpeg.js';
import { png } from './png.js';

export const imageFormats: readonly ImageFormat[] = [png, jpeg];
