export const heapBase: usize = __heap_base;
