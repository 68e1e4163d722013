/** What is used of as-bind 0.8.2, whose own types are `any`. */
declare module 'as-bind/dist/as-bind.esm.js' {
  export interface AsBindInstance {
    /** Exported functions, wrapped: parameters and results pass through the converters of their types. */
    readonly exports: Record<string, (...parameters: unknown[]) => unknown>;
    readonly loadedModule: { readonly instance: WebAssembly.Instance };
    getTypeId(type: string): number;
  }

  export interface Converter {
    jsToAsc(instance: AsBindInstance, value: never, type: string): unknown;
    ascToJs(instance: AsBindInstance, value: never, type: string): unknown;
  }

  /** By type, looked up at instantiation. */
  export const converters: Map<string | RegExp, Converter>;
  export function instantiateSync(source: BufferSource, imports: WebAssembly.Imports): AsBindInstance;
}
