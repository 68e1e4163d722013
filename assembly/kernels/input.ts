// Images into the batch-minor layout: [images][features] -> f32 [G][features][64 images], 0 for images from `count` on.
// A feature is (y * W + x) * C + channel. Item = group * ceil(features / 64) + block of 64 features.

/** u8 pixels through a table f32 [C][256] of normalised values. */
export function input_u8_f32(
  scratch: usize,
  images: usize,
  table: usize,
  x: usize,
  features: i32,
  channels: i32,
  count: i32,
  begin: i32,
  end: i32,
): void {
  const blocks = (features + 63) >> 6;
  for (let item = begin; item < end; item++) {
    const group = item / blocks;
    const f0 = (item % blocks) << 6;
    for (let f = f0; f < min(features, f0 + 64); f++) {
      const lookup = table + ((<usize>(f % channels)) << 10);
      const row = x + ((<usize>(group * features + f)) << 8);
      const some = min(64, count - (group << 6));
      let pixel = images + ((<usize>group) << 6) * <usize>features + <usize>f;
      let to = row;
      for (const end = row + ((<usize>(max(0, some) & -4)) << 2); to < end; to += 16) {
        store<f32>(to, load<f32>(lookup + ((<usize>load<u8>(pixel)) << 2)));
        pixel += <usize>features;
        store<f32>(to, load<f32>(lookup + ((<usize>load<u8>(pixel)) << 2)), 4);
        pixel += <usize>features;
        store<f32>(to, load<f32>(lookup + ((<usize>load<u8>(pixel)) << 2)), 8);
        pixel += <usize>features;
        store<f32>(to, load<f32>(lookup + ((<usize>load<u8>(pixel)) << 2)), 12);
        pixel += <usize>features;
      }
      for (const end = row + ((<usize>max(0, some)) << 2); to < end; to += 4, pixel += <usize>features)
        store<f32>(to, load<f32>(lookup + ((<usize>load<u8>(pixel)) << 2)));
      for (let i = max(0, some); i < 64; i++) store<f32>(row + ((<usize>i) << 2), 0);
    }
  }
}

/** f32 images as they are. */
export function input_f32_f32(scratch: usize, images: usize, x: usize, features: i32, count: i32, begin: i32, end: i32): void {
  const blocks = (features + 63) >> 6;
  for (let item = begin; item < end; item++) {
    const group = item / blocks;
    const f0 = (item % blocks) << 6;
    for (let f = f0; f < min(features, f0 + 64); f++) {
      const row = x + ((<usize>(group * features + f)) << 8);
      const some = min(64, count - (group << 6));
      const step = (<usize>features) << 2;
      let from = images + ((<usize>group) << 6) * step + ((<usize>f) << 2);
      let to = row;
      for (const end = row + ((<usize>(max(0, some) & -4)) << 2); to < end; to += 16) {
        store<f32>(to, load<f32>(from));
        from += step;
        store<f32>(to, load<f32>(from), 4);
        from += step;
        store<f32>(to, load<f32>(from), 8);
        from += step;
        store<f32>(to, load<f32>(from), 12);
        from += step;
      }
      for (const end = row + ((<usize>max(0, some)) << 2); to < end; to += 4, from += step) store<f32>(to, load<f32>(from));
      for (let i = max(0, some); i < 64; i++) store<f32>(row + ((<usize>i) << 2), 0);
    }
  }
}
