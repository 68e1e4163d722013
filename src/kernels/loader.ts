/**
 * kernels.wasm as a compiled module through AssemblyScript's loader alone, for hosts that compile ahead of time: as-bind takes bytes only. The types of
 * the functions are those that the binary lists for as-bind.
 *
 * @module
 */
import { type ASUtil, instantiateSync } from '@assemblyscript/loader';
import imported from '#wasm/kernels';
import { type KernelInstance, type Parameter, type Result, TYPED_ARRAY } from './instance.js';

interface Bindings {
  typeIds: Record<string, { id: number }>;
  exportedFunctions: Record<string, { returnType: string; parameters: string[] }>;
}

/** A new instance with a memory of its own. `module`: kernels.wasm; by default what the build for Workers imports statically. */
export function instantiateModule(module: WebAssembly.Module = imported as unknown as WebAssembly.Module): KernelInstance {
  const [section] = WebAssembly.Module.customSections(module, 'as-bind_bindings');
  const { typeIds, exportedFunctions }: Bindings = JSON.parse(new TextDecoder().decode(section));
  const { exports } = instantiateSync(module);
  const functions = Object.fromEntries(
    Object.entries(exportedFunctions).map(([name, { returnType, parameters }]) => [
      name,
      (...values: Parameter[]) => {
        // Nothing is freed before `__collect`, so nothing needs to be pinned.
        const lowered = values.map((value, i) =>
          typeof value === 'number' ? value : exports.__newArray(typeIds[parameters[i]].id, value),
        );
        const result = (exports[name] as (...lowered: number[]) => number)(...lowered);
        return returnType.startsWith(TYPED_ARRAY) ? read(exports, returnType.slice(TYPED_ARRAY.length), result) : result;
      },
    ]),
  );
  return { functions, collect: () => exports.__collect(), memoryBytes: () => (exports.memory as WebAssembly.Memory).buffer.byteLength };
}

/** A copy of the typed array at `address`. */
function read(exports: ASUtil, type: string, address: number): unknown {
  return exports[`__get${type as Result[typeof Symbol.toStringTag]}`](address);
}
