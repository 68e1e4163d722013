// The app of the first prediction: it imports what an app that predicts imports, and nothing else.
import { loadModel } from 'bitgauss';
import { type FirstReport, first } from '../speed.js';

export const run = (model: Uint8Array): Promise<FirstReport> => first({ loadModel }, model);
