// Wasm as text; src/wasm/text.ts has the format, and decodes.

const CHARACTERS = Array.from({ length: 127 - 35 }, (_, i) => String.fromCharCode(35 + i)).filter((c) => !"$'<\\`".includes(c));
const FREQUENT = 85;

export function encodeText(bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte]++;
  const ranked = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);
  const rising = (list) => list.sort((a, b) => a - b);
  const frequent = rising(ranked.slice(0, FREQUENT));
  const order = [...frequent, ...rising(ranked.slice(FREQUENT))];
  const digits = Array.from({ length: 64 }, (_, d) =>
    [0, 1, 2, 3].reduce((sum, i) => sum + (frequent.includes(4 * d + i) ? 1 << i : 0), 0).toString(16),
  );
  const characters = new Array(256);
  order.forEach((byte, n) => {
    const other = n - FREQUENT;
    const high = CHARACTERS[FREQUENT + Math.floor(other / CHARACTERS.length)];
    characters[byte] = other < 0 ? CHARACTERS[n] : high + CHARACTERS[other % CHARACTERS.length];
  });
  return digits.join('') + Array.from(bytes, (byte) => characters[byte]).join('');
}
