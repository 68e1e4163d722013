// AdaSTE (Le, Hoier, Lin and Zach, CVPR 2022): the gradient of the weight times an adaptive slope, then an average that forgets.
//
//   f = base;  where |g| > 1e-3 and |theta| > inner:
//     g pulls theta towards 0:    f = min(1/2, |theta| > edge ? far / |theta| : near / |theta| + base)
//     g pushes it further out:    f = |theta| > edge ? 0 : base
//   m <- beta m + rest (size f g + theta);   theta <- theta - step m
//
// n: a multiple of 4. Item: 4,096 elements.

export function update_adaste(
  scratch: usize,
  theta: usize,
  gradient: usize,
  m: usize,
  n: i32,
  base: f32,
  inner: f32,
  edge: f32,
  far: f32,
  near: f32,
  size: f32,
  beta: f32,
  rest: f32,
  step: f32,
  begin: i32,
  end: i32,
): void {
  const slope = f32x4.splat(base);
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16) {
    const x = v128.load(theta + i);
    const g = v128.load(gradient + i);
    const a = f32x4.abs(x);
    const saturated = f32x4.gt(a, f32x4.splat(edge));
    const back = v128.bitselect(f32x4.div(f32x4.splat(far), a), f32x4.add(f32x4.div(f32x4.splat(near), a), slope), saturated);
    const outwards = v128.xor(f32x4.lt(x, f32x4.splat(0)), f32x4.lt(g, f32x4.splat(0)));
    const adapted = v128.bitselect(v128.andnot(slope, saturated), f32x4.min(back, f32x4.splat(0.5)), outwards);
    const cases = v128.and(f32x4.gt(f32x4.abs(g), f32x4.splat(1e-3)), f32x4.gt(a, f32x4.splat(inner)));
    const f = v128.bitselect(adapted, slope, cases);
    const d = f32x4.add(f32x4.mul(f32x4.splat(size), f32x4.mul(f, g)), x);
    const average = f32x4.add(f32x4.mul(f32x4.splat(beta), v128.load(m + i)), f32x4.mul(f32x4.splat(rest), d));
    v128.store(m + i, average);
    v128.store(theta + i, f32x4.sub(x, f32x4.mul(f32x4.splat(step), average)));
  }
}
