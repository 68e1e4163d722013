import { expect, it } from 'vitest';
import base64 from '#wasm/training';
import { inflateBinary } from '../../src/wasm/binary.js';
import { unshare } from '../../src/wasm/unshared.js';

it('makes the one training binary run on plain memory, and only there', async () => {
  const bytes = await inflateBinary(base64 as string);
  const shared = await WebAssembly.compile(bytes);
  const changed = bytes.slice();
  unshare(changed);
  expect(changed.filter((byte, i) => byte !== bytes[i]).length).toBe(1);
  const plain = await WebAssembly.compile(changed);
  const memory = (isShared: boolean): WebAssembly.Imports => ({
    env: { memory: new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: isShared }) },
  });
  await WebAssembly.instantiate(shared, memory(true));
  await WebAssembly.instantiate(plain, memory(false));
  await expect(WebAssembly.instantiate(plain, memory(true))).rejects.toThrow(WebAssembly.LinkError);
});

it('refuses what does not import shared memory', async () => {
  const bytes = await inflateBinary(base64 as string);
  unshare(bytes);
  expect(() => unshare(bytes)).toThrow('does not import shared memory');
  expect(() => unshare(new Uint8Array(64))).toThrow('does not import shared memory');
});
