// An AssemblyScript transform: writes what as-bind 0.8 wants to know about exported functions, as the custom section `as-bind_bindings`. The transform
// that comes with as-bind runs on AssemblyScript 0.19 only.
//   { typeIds: { [type]: { id, byteSize } }, importedFunctions: {}, exportedFunctions: { [name]: { returnType, parameters } } }
import { CommonFlags, ElementKind } from 'assemblyscript';
import { Transform } from 'assemblyscript/transform';

/** What src/kernels hands over and takes back; anything else would pass as a bare pointer. */
const TYPES = /^(void|[iu]32|~lib\/typedarray\/(Uint8|Int32|Uint32|Float32)Array)$/;
const USER_ENTRY = 1;

export default class AsBindTransform extends Transform {
  afterCompile(module) {
    const typeIds = {};
    const exportedFunctions = {};
    const describe = (type, where) => {
      const managed = type.getClass();
      const name = managed?.internalName ?? type.toString();
      if (!TYPES.test(name)) throw new Error(`${where}: got type ${name}, expected one of ${TYPES.source}`);
      if (managed) typeIds[name] = { id: managed.id, byteSize: managed.nextMemoryOffset };
      return name;
    };
    for (const { source, exports } of this.program.filesByName.values()) {
      if (source.sourceKind !== USER_ENTRY || !exports) continue;
      for (const [name, element] of exports) {
        const instance = element.kind === ElementKind.FunctionPrototype ? element.instances?.get('') : undefined;
        if (!instance?.is(CommonFlags.ModuleExport | CommonFlags.Compiled))
          throw new Error(`${name}: expected a function, which is compiled`);
        const { returnType, parameterTypes } = instance.signature;
        exportedFunctions[name] = {
          returnType: describe(returnType, name),
          parameters: parameterTypes.map((type) => describe(type, name)),
        };
      }
    }
    const section = JSON.stringify({ typeIds, importedFunctions: {}, exportedFunctions });
    module.addCustomSection('as-bind_bindings', new TextEncoder().encode(section));
  }
}
