/**
 * What this host can do, one probe per feature: a module of one function that uses it, which is valid or not.
 *
 * @module
 */
import { threadsReason } from '../platform/threads.js';

export interface Features {
  /** WebAssembly SIMD, which bitgauss needs. */
  readonly simd: boolean;
  /** Relaxed SIMD. bitgauss does without it: its results differ between machines. */
  readonly relaxedSimd: boolean;
  /** Whether training that is started from here can use several threads. */
  readonly threads: boolean;
  /** Where it cannot: why, and what would change that, such as 'the page is not cross-origin isolated (COOP and COEP headers)'. */
  readonly threadsReason?: string;
}

/** Whether a function of `code`, from nothing to nothing, is valid here. */
function has(...code: number[]): boolean {
  const size = code.length;
  return WebAssembly.validate(
    Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, size + 4, 1, size + 2, 0, ...code, 11),
  );
}

/** What this host can do: capabilities, asked for one by one, whatever the host is called. */
export function features(): Features {
  const vector = [65, 0, 253, 15]; // i32.const 0, i8x16.splat
  const drop = 26;
  // atomic.fence
  const reason = has(254, 3, 0) ? threadsReason() : 'this host has no WebAssembly threads';
  return {
    simd: has(...vector, drop),
    relaxedSimd: has(...vector, ...vector, 253, 128, 2, drop), // i8x16.relaxed_swizzle
    threads: reason === undefined,
    ...(reason === undefined ? {} : { threadsReason: reason }),
  };
}
