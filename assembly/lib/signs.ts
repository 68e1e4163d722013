// Signs of w = M + sum over k of r_k Z_k, packed in words. Layouts and work items: kernels/sample_vispa.

/** What happens to the 32 weights of a row, `offset` bytes into every array, before their signs are taken. */
@unmanaged
export abstract class RowStep {
  /** Returns where the 32 values of m are whose signs count: m + offset, or scratch memory. `tile`: of 32 filters. */
  abstract row(m: usize, offset: usize, tile: usize, scratch: usize): usize;
}

/** Scratch memory of a RowStep: behind the 64 words of a block. */
export const ROW_SCRATCH: usize = 512;

export abstract class Signs {
  /** Sign bits of 16 lanes, 1 where a lane is below 0. */
  @inline static bits(a: v128, b: v128, c: v128, d: v128): u32 {
    const zero = f32x4.splat(0);
    const low = i16x8.narrow_i32x4_s(f32x4.lt(a, zero), f32x4.lt(b, zero));
    const high = i16x8.narrow_i32x4_s(f32x4.lt(c, zero), f32x4.lt(d, zero));
    return <u32>i8x16.bitmask(i8x16.narrow_i16x8_s(low, high));
  }

  /** Sign bits of 32 lanes: of m in the lower half, of w = m + sum of noise * z in the upper one. */
  static pack(m: usize, z: usize, zBytes: usize, noise: usize, rank: i32): u64 {
    let center: u32 = 0;
    let bits: u32 = 0;
    for (let v: usize = 0; v < 128; v += 64) {
      let a = v128.load(m + v),
        b = v128.load(m + v, 16),
        c = v128.load(m + v, 32),
        d = v128.load(m + v, 48);
      center |= Signs.bits(a, b, c, d) << (<u32>v >> 2);
      for (let k = 0, p = z + v; k < rank; k++, p += zBytes) {
        const r = v128.load32_splat(noise + ((<usize>k) << 2));
        a = f32x4.add(a, f32x4.mul(r, v128.load(p)));
        b = f32x4.add(b, f32x4.mul(r, v128.load(p, 16)));
        c = f32x4.add(c, f32x4.mul(r, v128.load(p, 32)));
        d = f32x4.add(d, f32x4.mul(r, v128.load(p, 48)));
      }
      bits |= Signs.bits(a, b, c, d) << (<u32>v >> 2);
    }
    return <u64>center | ((<u64>bits) << 32);
  }

  /** Transposes 64 words of 64 bits in place: halves of 32, then 16, ... are exchanged. */
  static transpose(a: usize): void {
    let mask: u64 = 0x00000000ffffffff;
    for (let j: usize = 32; j != 0; j >>= 1, mask ^= mask << (<u64>j)) {
      for (let k: usize = 0; k < 64; k = ((k | j) + 1) & ~j) {
        let p = a + (k << 3);
        let q = a + ((k | j) << 3);
        let swap = ((load<u64>(p) >> <u64>j) ^ load<u64>(q)) & mask;
        store<u64>(p, load<u64>(p) ^ (swap << (<u64>j)));
        store<u64>(q, load<u64>(q) ^ swap);
      }
    }
  }
}

export function sampleBlocks<S extends RowStep>(
  step: S,
  scratch: usize,
  m: usize,
  z: usize,
  noise: usize,
  words: usize,
  wordsT: usize,
  mode: usize,
  counts: usize,
  cin: i32,
  cout: i32,
  taps: i32,
  rank: i32,
  begin: i32,
  end: i32,
): void {
  const inBlocks = (cin + 63) >> 6;
  const outBlocks = (cout + 63) >> 6;
  const tiles = (cout + 31) >> 5;
  const tileBytes = (<usize>(taps * cin)) << 7;
  const zBytes = <usize>tiles * tileBytes;
  for (let item = begin; item < end; item++) {
    const inBlock = item % inBlocks;
    const tap = (item / inBlocks) % taps;
    const outBlock = item / inBlocks / taps;
    const n = min(64, cin - (inBlock << 6));
    const row = <usize>(outBlock << 1) * tileBytes + ((<usize>(tap * cin + (inBlock << 6))) << 7);
    const tile = <usize>(outBlock << 1);
    const both = (outBlock << 1) + 1 < tiles;
    let out = (<usize>((tap * outBlocks + outBlock) * cin + (inBlock << 6))) << 3;
    let flips: u32 = 0;
    let differ: u32 = 0;
    for (let i = 0; i < n; i++, out += 8) {
      let o = row + ((<usize>i) << 7);
      const low = Signs.pack(step.row(m, o, tile, scratch + ROW_SCRATCH), z + o, zBytes, noise, rank);
      const p = o + tileBytes;
      const high = both ? Signs.pack(step.row(m, p, tile + 1, scratch + ROW_SCRATCH), z + p, zBytes, noise, rank) : 0;
      const center = (low & 0xffffffff) | (high << 32);
      const word = (low >> 32) | ((high >> 32) << 32);
      flips += <u32>popcnt(center ^ load<u64>(mode + out));
      differ += <u32>popcnt(center ^ word);
      store<u64>(mode + out, center);
      store<u64>(wordsT + out, word);
      store<u64>(scratch + ((<usize>i) << 3), word);
    }
    store<u32>(counts + ((<usize>item) << 3), flips);
    store<u32>(counts + ((<usize>item) << 3), differ, 4);
    memory.fill(scratch + ((<usize>n) << 3), 0, (<usize>(64 - n)) << 3);
    Signs.transpose(scratch);
    const outputs = min(64, cout - (outBlock << 6));
    memory.copy(words + ((<usize>((tap * inBlocks + inBlock) * cout + (outBlock << 6))) << 3), scratch, (<usize>outputs) << 3);
  }
}
