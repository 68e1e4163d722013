// Value by value over [positions][channels] arrays; f32 operations round once each.

export function affine(x: ArrayLike<number>, scale: ArrayLike<number>, shift: ArrayLike<number>): number[] {
  const channels = scale.length;
  return Array.from(x, (value, i) => Math.fround(Math.fround(scale[i % channels] * value) + shift[i % channels]));
}

export function prelu(x: ArrayLike<number>, slope: ArrayLike<number>): number[] {
  return Array.from(x, (value, i) => (value < 0 ? Math.fround(slope[i % slope.length] * value) : value));
}

export function hardtanh(x: ArrayLike<number>): number[] {
  return Array.from(x, (value) => Math.min(Math.max(value, -1), 1));
}

export function quantize(x: ArrayLike<number>, levels: number): number[] {
  return Array.from(x, (value) => Math.min(Math.max(Math.floor(value), 0), levels - 1));
}

/** sign(0) = sign(-0) = sign(NaN) = +1 */
export function sign(x: ArrayLike<number>): number[] {
  return Array.from(x, (value) => (value < 0 ? -1 : 1));
}

/** -1 where (x < t) xor flip. */
export function threshold(x: ArrayLike<number>, t: ArrayLike<number>, flip: ArrayLike<number>): number[] {
  return Array.from(x, (value, i) => {
    const below = value < t[i % t.length];
    return (flip[i % t.length] === 1 ? !below : below) ? -1 : 1;
  });
}

export function softmax(x: ArrayLike<number>): number[] {
  const top = Math.max(...Array.from(x));
  const powers = Array.from(x, (value) => Math.exp(value - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
