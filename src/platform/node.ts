export const platform: { macrotask(): Promise<void> } = { macrotask: () => new Promise((r) => setImmediate(r)) };
