/**
 * Wasm as text that is decoded at once on every host, and that gzip packs as it packs the bytes themselves: a byte is a character or, where it is rare, two,
 * so what repeats in the binary repeats in the text. (Raw deflate in base64, unpacked by the host, costs 2 ms more in Node and is 2 % larger beside code.)
 *
 *     text    64 hexadecimal digits, then the bytes
 *     digits  bit i of digit d: byte 4 d + i is one of the 85 frequent ones
 *     byte    the nth of the frequent bytes, in rising order: character n; number 87 h + n of the others: characters 85 + h and n
 *
 * The 87 characters are those from # to ~ without $ ' < \ and `, which no quoting and no page has to escape. `scripts/wasm-text.mjs` encodes.
 *
 * @module
 */

const FREQUENT = 85;
const CHARACTERS = 87;

export function decodeText(text: string): Uint8Array<ArrayBuffer> {
  const frequent: number[] = [];
  const others: number[] = [];
  for (let byte = 0; byte < 256; byte++) ((Number.parseInt(text[byte >> 2], 16) >> (byte & 3)) & 1 ? frequent : others).push(byte);
  const order = [...frequent, ...others];
  const numbers = new Uint8Array(128);
  let next = 0;
  for (let code = 35; code < 127; code++) if (!"$'<\\`".includes(String.fromCharCode(code))) numbers[code] = next++;
  // Codes become bytes in place. A call for each, not a loop: V8 13 would compile a loop of this length while it runs, and hold it up meanwhile.
  const codes = new TextEncoder().encode(text);
  let length = 0;
  let above = 0;
  codes.subarray(64).forEach((code) => {
    const n = numbers[code];
    if (above === 0 && n >= FREQUENT) above = FREQUENT + CHARACTERS * (n - FREQUENT);
    else {
      codes[length++] = order[above + n];
      above = 0;
    }
  });
  return codes.subarray(0, length) as Uint8Array<ArrayBuffer>;
}
