// Between images, planes and vectors: [H][W][C] in, planes [C][stride bytes] out, and planes to vectors of H * W * C features.

/** Positions of the input in a work item: 16 f32 are 64 bytes. */
const TILE: i32 = 16;

/** image u8 [positions][pixel], the first `channels` of each pixel (RGBA has one more) -> x f32 planes through table f32 [channels][256]. Item = 16 positions. */
export function input_u8_f32(
  scratch: usize,
  image: usize,
  table: usize,
  x: usize,
  xStride: usize,
  positions: i32,
  pixel: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  for (let p = begin * TILE; p < min(positions, end * TILE); p++) {
    for (let c = 0; c < channels; c++) {
      const value = <usize>load<u8>(image + <usize>(p * pixel + c));
      store<f32>(x + <usize>c * xStride + ((<usize>p) << 2), load<f32>(table + ((((<usize>c) << 8) + value) << 2)));
    }
  }
}

/** image f32 [positions][channels] -> x f32 planes. Item = 16 positions. */
export function input_f32_f32(
  scratch: usize,
  image: usize,
  x: usize,
  xStride: usize,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  for (let p = begin * TILE; p < min(positions, end * TILE); p++) {
    for (let c = 0; c < channels; c++) {
      store<f32>(x + <usize>c * xStride + ((<usize>p) << 2), load<f32>(image + ((<usize>(p * channels + c)) << 2)));
    }
  }
}

/** y[p * channels + c] = x[c][p], p = h * W + w. Item = 64 features. */
function flatten<T>(x: usize, y: usize, xStride: usize, positions: i32, channels: i32, begin: i32, end: i32): void {
  const first = begin << 6;
  let p = first / channels;
  let c = first % channels;
  for (let f = first; f < min(positions * channels, end << 6); f++) {
    store<T>(y + <usize>f * sizeof<T>(), load<T>(x + <usize>c * xStride + <usize>p * sizeof<T>()));
    if (++c == channels) {
      c = 0;
      p++;
    }
  }
}

export function flatten_i8(scratch: usize, x: usize, y: usize, xStride: usize, positions: i32, channels: i32, begin: i32, end: i32): void {
  flatten<i8>(x, y, xStride, positions, channels, begin, end);
}

export function flatten_i16(scratch: usize, x: usize, y: usize, xStride: usize, positions: i32, channels: i32, begin: i32, end: i32): void {
  flatten<i16>(x, y, xStride, positions, channels, begin, end);
}

export function flatten_f32(scratch: usize, x: usize, y: usize, xStride: usize, positions: i32, channels: i32, begin: i32, end: i32): void {
  flatten<f32>(x, y, xStride, positions, channels, begin, end);
}
