/**
 * An arena without memory: it counts addresses, without a limit, so that a configuration can be laid out on paper.
 *
 * Views are new arrays of zeros that nobody reads: what is laid out on paper must not depend on what memory holds.
 *
 * @module
 */
import { Arena } from './arena.js';

export class PlanningArena extends Arena {
  constructor() {
    super(new WebAssembly.Memory({ initial: 0 }), 0);
  }

  protected override grow(): void {}

  override u8(_: number, length: number): Uint8Array {
    return new Uint8Array(length);
  }
  override i8(_: number, length: number): Int8Array {
    return new Int8Array(length);
  }
  override i16(_: number, length: number): Int16Array {
    return new Int16Array(length);
  }
  override i32(_: number, length: number): Int32Array {
    return new Int32Array(length);
  }
  override u32(_: number, length: number): Uint32Array {
    return new Uint32Array(length);
  }
  override f32(_: number, length: number): Float32Array {
    return new Float32Array(length);
  }
  override f64(_: number, length: number): Float64Array {
    return new Float64Array(length);
  }
}
