// What every operation of a network gives, with its name.
import type { Kind } from '../../src/inference/activation.js';
import type { Image } from '../../src/inference/image.js';
import type { Session } from '../../src/inference/session.js';

export interface OpOutput {
  op: string;
  kind: Kind;
  shape: readonly [number, number, number];
  /** [H][W][C] */
  values: Float32Array | Int16Array | Int8Array;
}

export function opOutputs(session: Session, image: Image): OpOutput[] {
  const { ops } = session.graph;
  return session.outputs(image).map((values, i) => {
    const { kind, height, width, channels } = ops[i].output;
    return { op: ops[i].name, kind, shape: [height, width, channels], values };
  });
}
