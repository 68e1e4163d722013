/**
 * JSON of a file that nobody vouches for: as `JSON.parse`, but an object may not name a key twice (the last one would win silently).
 *
 * @module
 */
import { BitgaussError } from '../core/errors.js';
import { formatError, formatFailure } from './format-error.js';

/** Nested deeper than this is no header of ours. */
const MAX_DEPTH = 8;
const WHITE_SPACE = [' ', '\t', '\n', '\r'];

/** Parses `text`; throws 'format' errors that name `where`. */
export function parseJson(where: string, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BitgaussError('format', `${where}: got a text that is no JSON (${(cause as Error).message}), expected JSON`, { cause });
  }
  checkKeys(where, text);
  return value;
}

/** The entries of a JSON object as a Map, so that no key (`__proto__`) has a meaning of its own. */
export function jsonObject(where: string, value: unknown): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw formatError(where, value, 'a JSON object');
  return new Map(Object.entries(value));
}

/** `text` is valid JSON, so braces outside strings nest, and a string before a colon is a key. */
function checkKeys(where: string, text: string): void {
  const open: Set<string>[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '{' || character === '[') {
      open.push(new Set());
      if (open.length > MAX_DEPTH) throw formatFailure(where, `more than ${MAX_DEPTH} levels`, `JSON of at most ${MAX_DEPTH} levels`);
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === '"') {
      const begin = i++;
      while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
      let next = i + 1;
      while (WHITE_SPACE.includes(text[next])) next++;
      if (text[next] !== ':') continue;
      const key = JSON.parse(text.slice(begin, i + 1)) as string;
      const keys = open[open.length - 1];
      if (keys.has(key)) throw formatFailure(where, `the key ${JSON.stringify(key)} twice`, 'each key once');
      keys.add(key);
    }
  }
}
