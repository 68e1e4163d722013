/**
 * What lies between two products, in float64, on [images][positions][channels]:
 *
 *   u = a x + b,  w = u < 0 ? slope u : u,  v = clamp(w, -limit, limit),  s = v < 0 ? -1 : +1
 *   dv = g max(0, s0 - s1 |v|),  dw = |w| <= limit ? dv : 0,  du = u < 0 ? slope dw : dw,  dx = k1 du + k2 x + k3
 *
 * Only u and w are rounded to f32, one operation at a time: that defines the sign.
 *
 * @module
 */
export interface ChannelConstants {
  a: number;
  b: number;
  slope: number;
  limit: number;
  s0: number;
  s1: number;
  k1: number;
  k2: number;
  k3: number;
  inverse: number;
}

export function activation(x: number, q: ChannelConstants): { u: number; w: number; v: number } {
  const u = Math.fround(Math.fround(q.a * x) + q.b);
  const w = u < 0 ? Math.fround(q.slope * u) : u;
  return { u, w, v: Math.max(-q.limit, Math.min(q.limit, w)) };
}

export function activationSign(x: number, q: ChannelConstants): number {
  return activation(x, q).v < 0 ? -1 : 1;
}

export interface BlockTerms {
  du: number;
  dslope: number;
  dx: number;
  dead: boolean;
}

export function blockBackward(x: number, g: number, q: ChannelConstants): BlockTerms {
  const { u, w, v } = activation(x, q);
  const dw = Math.abs(w) <= q.limit ? g * Math.max(0, q.s0 - q.s1 * Math.abs(v)) : 0;
  const du = u < 0 ? q.slope * dw : dw;
  return { du, dslope: u < 0 ? dw * u : 0, dx: q.k1 * du + q.k2 * x + q.k3, dead: Math.abs(w) > 1 };
}

export interface Pooled {
  y: Float64Array;
  argmax: Uint8Array;
}

/** Max pool of [images][height][width][channels] without padding; where negate[c], of -x. The first of equals wins. */
export function maxPool2d(
  x: ArrayLike<number>,
  s: { images: number; height: number; width: number; channels: number; size: number; stride: number },
  negate: ArrayLike<number>,
): Pooled {
  const OH = Math.floor((s.height - s.size) / s.stride) + 1;
  const OW = Math.floor((s.width - s.size) / s.stride) + 1;
  const y = new Float64Array(s.images * OH * OW * s.channels);
  const argmax = new Uint8Array(y.length);
  for (let n = 0, o = 0; n < s.images; n++) {
    for (let oy = 0; oy < OH; oy++) {
      for (let ox = 0; ox < OW; ox++) {
        for (let c = 0; c < s.channels; c++, o++) {
          let best = Number.NEGATIVE_INFINITY;
          for (let k = 0; k < s.size * s.size; k++) {
            const [iy, ix] = [oy * s.stride + Math.floor(k / s.size), ox * s.stride + (k % s.size)];
            const value = x[((n * s.height + iy) * s.width + ix) * s.channels + c];
            if ((negate[c] ? -value : value) > best) {
              best = negate[c] ? -value : value;
              y[o] = value;
              argmax[o] = k;
            }
          }
        }
      }
    }
  }
  return { y, argmax };
}

/** The gradient before a pool: each value of [images][pooled positions][channels] where its argmax says, 0 elsewhere: [images][H * W][C]. */
export function unpool(
  values: ArrayLike<number>,
  argmax: ArrayLike<number>,
  s: { images: number; height: number; width: number; channels: number; size: number; stride: number },
): Float64Array {
  const OH = Math.floor((s.height - s.size) / s.stride) + 1;
  const OW = Math.floor((s.width - s.size) / s.stride) + 1;
  const out = new Float64Array(s.images * s.height * s.width * s.channels);
  for (let k = 0; k < values.length; k++) {
    const c = k % s.channels;
    const p = Math.floor(k / s.channels) % (OH * OW);
    const n = Math.floor(k / (s.channels * OH * OW));
    const y = Math.floor(p / OW) * s.stride + Math.floor(argmax[k] / s.size);
    const x = (p % OW) * s.stride + (argmax[k] % s.size);
    out[((n * s.height + y) * s.width + x) * s.channels + c] = values[k];
  }
  return out;
}
