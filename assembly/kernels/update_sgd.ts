// SGD with momentum and weight decay, as torch.optim.SGD without dampening:
//
//   g <- scale gradient + decay w;  v <- momentum v + g;  w <- w - rate v   (nesterov: w <- w - rate (g + momentum v))
//
// v starts at 0, so the first step is g. n: a multiple of 4. Item: 4,096 elements.

export function update_sgd(
  scratch: usize,
  w: usize,
  gradient: usize,
  v: usize,
  n: i32,
  scale: f32,
  decay: f32,
  momentum: f32,
  rate: f32,
  nesterov: i32,
  begin: i32,
  end: i32,
): void {
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16) {
    let x = v128.load(w + i);
    let g = f32x4.add(f32x4.mul(f32x4.splat(scale), v128.load(gradient + i)), f32x4.mul(f32x4.splat(decay), x));
    let velocity = f32x4.add(f32x4.mul(f32x4.splat(momentum), v128.load(v + i)), g);
    v128.store(v + i, velocity);
    let step = nesterov != 0 ? f32x4.add(g, f32x4.mul(f32x4.splat(momentum), velocity)) : velocity;
    v128.store(w + i, f32x4.sub(x, f32x4.mul(f32x4.splat(rate), step)));
  }
}

/** w <- min(max(w, -limit), limit): the clip of BinaryConnect's latent weights. Item: 4,096 elements. */
export function clip_f32(scratch: usize, w: usize, n: i32, limit: f32, begin: i32, end: i32): void {
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16) {
    v128.store(w + i, f32x4.max(f32x4.splat(-limit), f32x4.min(f32x4.splat(limit), v128.load(w + i))));
  }
}

/** w <- w < 0 ? -size : size: weights of one magnitude from latent ones. Spare lanes become size, too. Item: 4,096 elements. */
export function sign_f32(scratch: usize, w: usize, n: i32, size: f32, begin: i32, end: i32): void {
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16) {
    const negative = f32x4.lt(v128.load(w + i), f32x4.splat(0));
    v128.store(w + i, v128.bitselect(f32x4.splat(-size), f32x4.splat(size), negative));
  }
}
