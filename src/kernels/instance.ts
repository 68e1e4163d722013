/**
 * One instance of kernels.wasm, whose functions take and return typed arrays. Two ways lead to it: as-bind.ts, from bytes; loader.ts, from a module.
 * Arrays are copied into the memory of the instance and out of it.
 *
 * @module
 */
import { BitgaussError } from '../core/errors.js';

export type Parameter = number | Uint8Array | Float32Array;
export type Result = Uint8Array | Int32Array | Uint32Array | Float32Array;

export interface KernelInstance {
  /** The exported functions of assembly/kernels.ts. */
  readonly functions: Record<string, (...parameters: Parameter[]) => unknown>;
  /** Frees what no call and no export refers to: the arguments and results of the calls before. */
  collect(): void;
  /** Bytes of its memory, which never shrinks. */
  memoryBytes(): number;
}

export type Instantiate = () => KernelInstance;

type ArrayType = Uint8ArrayConstructor | Int32ArrayConstructor | Uint32ArrayConstructor | Float32ArrayConstructor;

/** Types of the arrays that cross, by their name in both languages. */
export const ARRAY_TYPES: Readonly<Record<string, ArrayType>> = { Uint8Array, Int32Array, Uint32Array, Float32Array };

/** How AssemblyScript calls one of them. */
export const TYPED_ARRAY = '~lib/typedarray/';

/** Calls a function and frees what the call left behind. */
export function run(instance: KernelInstance, name: string, parameters: readonly Parameter[]): unknown {
  let result: unknown;
  try {
    result = instance.functions[name](...parameters);
  } catch (cause) {
    // Arguments are checked before, so what is left to fail is an allocation: above 1 GiB for one array, 4 GiB for all, or what the host grants.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BitgaussError('unsupported', `${name}: out of WebAssembly memory (${reason}); pass fewer rows at a time`, { cause });
  }
  instance.collect();
  return result;
}

/** An instance that is made by the first call, and made anew after a call that failed. */
export class SharedInstance {
  readonly #instantiate: Instantiate;
  #instance: KernelInstance | undefined;

  constructor(instantiate: Instantiate) {
    this.#instantiate = instantiate;
  }

  run<T>(name: string, ...parameters: Parameter[]): T {
    this.#instance ??= this.#instantiate();
    try {
      return run(this.#instance, name, parameters) as T;
    } catch (error) {
      this.#instance = undefined;
      throw error;
    }
  }
}
