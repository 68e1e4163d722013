/**
 * Gzip by the host's DecompressionStream, which Node, Deno, Bun, browsers and edge workers share.
 *
 * @module
 */
import { BitgaussError } from '../core/errors.js';
import type { NamedBytes } from './data-file.js';

/** Far above any data set read here (MNIST: 47 MB), far below what a decompression bomb asks for. */
const MAX_BYTES = 1 << 29;

/** Whether bytes begin as a gzip member does: 1f 8b. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The unpacked bytes. Rejects with code 'data' when they are damaged or more than `maxBytes` (default 512 MiB). */
export async function gunzip(file: NamedBytes, maxBytes: number = MAX_BYTES): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    const packed = new Blob([file.bytes as Uint8Array<ArrayBuffer>]).stream();
    const reader = packed.pipeThrough(new DecompressionStream('gzip')).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > maxBytes) {
        await reader.cancel();
        throw new BitgaussError('data', `${file.name}: unpacked size: got more than ${maxBytes} bytes, expected at most that`);
      }
      chunks.push(value);
    }
  } catch (cause) {
    if (cause instanceof BitgaussError) throw cause;
    throw new BitgaussError('data', `${file.name}: damaged gzip data (${cause instanceof Error ? cause.message : String(cause)})`, {
      cause,
    });
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
