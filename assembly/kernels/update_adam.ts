// AdamW (Loshchilov and Hutter, ICLR 2019; Kingma and Ba, ICLR 2015), in the order of torch.optim.AdamW:
//
//   w <- w (1 - rate decay);  m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2
//   w <- w - (rate / correction1) m / (sqrt(v) / sqrt(correction2) + epsilon)          correction_i = 1 - beta_i^t
//
// g = scale * gradient (VISPA scales the gradient of its factor by the draw). n: a multiple of 4. Item: 4,096 elements.

export function update_adam(
  scratch: usize,
  w: usize,
  gradient: usize,
  m: usize,
  v: usize,
  n: i32,
  scale: f32,
  shrink: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  stepSize: f32,
  rootCorrection2: f32,
  epsilon: f32,
  begin: i32,
  end: i32,
): void {
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16) {
    let g = f32x4.mul(f32x4.splat(scale), v128.load(gradient + i));
    let mean = f32x4.add(f32x4.mul(f32x4.splat(beta1), v128.load(m + i)), f32x4.mul(f32x4.splat(rest1), g));
    let square = f32x4.add(f32x4.mul(f32x4.splat(beta2), v128.load(v + i)), f32x4.mul(f32x4.splat(rest2), f32x4.mul(g, g)));
    v128.store(m + i, mean);
    v128.store(v + i, square);
    let divisor = f32x4.add(f32x4.div(f32x4.sqrt(square), f32x4.splat(rootCorrection2)), f32x4.splat(epsilon));
    let x = f32x4.mul(f32x4.splat(shrink), v128.load(w + i));
    v128.store(w + i, f32x4.sub(x, f32x4.mul(f32x4.splat(stepSize), f32x4.div(mean, divisor))));
  }
}
