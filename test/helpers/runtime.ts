/**
 * A runtime with all kernels whose scratch memory is full of NaN and -1, so that a kernel that trusts it is seen.
 *
 * @module
 */
import { Runtime, type RuntimeOptions } from '../../src/core/runtime.js';
import { methodKernels } from '../../src/wasm/methods.js';

/** The runtime's first allocation. */
const SCRATCH_BYTES = 196608;

export async function createRuntime(options?: RuntimeOptions): Promise<Runtime> {
  const runtime = await Runtime.create({ sets: [methodKernels], ...options });
  const behind = runtime.arena.allocate(64, 'workspace');
  runtime.arena.u8(behind - SCRATCH_BYTES, SCRATCH_BYTES).fill(0xff);
  return runtime;
}
