// Philox 4x32-10 (Salmon et al., SC 2011): four random u32 as a pure function of a 128-bit counter and a 64-bit key.
// Counter = (index, step, purpose, 0), key = (seed mod 2^32, seed / 2^32), as in src/core/random.ts.

const M0: u64 = 0xd2511f53;
const M1: u64 = 0xcd9e8d57;
const W0: u32 = 0x9e3779b9;
const W1: u32 = 0xbb67ae85;

export abstract class Philox {
  /** Writes the 16 bytes of block `index` at out. */
  static block(out: usize, key0: u32, key1: u32, index: u32, step: u32, purpose: u32): void {
    let c0 = index;
    let c1 = step;
    let c2 = purpose;
    let c3: u32 = 0;
    for (let round = 0; round < 10; round++) {
      let a = M0 * <u64>c0;
      let b = M1 * <u64>c2;
      c0 = <u32>(b >> 32) ^ c1 ^ key0;
      c1 = <u32>b;
      c2 = <u32>(a >> 32) ^ c3 ^ key1;
      c3 = <u32>a;
      key0 += W0;
      key1 += W1;
    }
    store<u32>(out, c0);
    store<u32>(out, c1, 4);
    store<u32>(out, c2, 8);
    store<u32>(out, c3, 12);
  }
}
