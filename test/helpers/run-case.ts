/**
 * Runs a kernel's case and checks that it writes its outputs alone.
 *
 * @module
 */
import type { Runtime } from '../../src/core/runtime.js';
import { KERNEL_CASES } from './kernel-cases.js';
import type { KernelCall } from './operands.js';

export interface CaseRun {
  call: KernelCall;
  before: Uint8Array[];
  after: Uint8Array[];
}

/** Runs case `name`. Outputs that start as garbage start as bytes of `garbage`, so that a byte that is left alone differs between runs. */
export function runCase(runtime: Runtime, name: string, garbage = 0xaa): CaseRun {
  const start = runtime.arena.allocate(64, 'workspace');
  const call = KERNEL_CASES[name](runtime);
  const end = runtime.arena.allocate(64, 'workspace');
  const read = (): Uint8Array[] => call.outputs.map(([pointer, bytes]) => runtime.arena.u8(pointer, bytes).slice());
  const before = read();
  call.outputs.forEach(([pointer, bytes], i) => {
    if (before[i].every((byte) => byte === 0xaa)) runtime.arena.u8(pointer, bytes).fill(garbage);
  });
  const all = runtime.arena.u8(start, end - start).slice();
  runtime.run(name, call.items, ...call.parameters);
  const after = read();
  const changed = runtime.arena.u8(start, end - start).slice();
  for (const [pointer, bytes] of call.outputs) {
    changed.fill(0, pointer - start, pointer - start + bytes);
    all.fill(0, pointer - start, pointer - start + bytes);
  }
  if (Buffer.compare(changed, all) !== 0) throw new Error(`${name} wrote outside of its outputs`);
  return { call, before, after };
}

export function sameBytes(a: CaseRun, b: CaseRun): boolean {
  return a.after.every((bytes, i) => Buffer.compare(bytes, b.after[i]) === 0);
}
