// The app of the smoke run: the whole package.
import * as bitgauss from 'bitgauss';
import * as data from 'bitgauss/data';
import * as kernels from 'bitgauss/kernels';
import * as training from 'bitgauss/train';
import { kernelsSmoke } from '../kernels-smoke.js';
import { type SmokeReport, smoke } from '../smoke.js';
import { type SpeedReport, speed } from '../speed.js';

export interface FullReport {
  smoke: SmokeReport;
  kernels: Record<string, string>;
  speed: SpeedReport;
}

export async function run(model: Uint8Array): Promise<FullReport> {
  const product = { bitgauss, data, training };
  return { smoke: await smoke(product, model), kernels: kernelsSmoke(kernels), speed: await speed(product, model) };
}
