/**
 * JSON of a file that nobody vouches for: as `JSON.parse`, but an object may not name a key twice (the last one would win silently).
 *
 * @module
 */
import { BitgaussError } from '../core/errors.js';
import { formatError, formatFailure } from './format-error.js';

/** Nested deeper than this is no header of ours. */
const MAX_DEPTH = 8;
/** Strings, with the colon behind those that are keys, and brackets. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?|[[{\]}]/g;

/** Parses `text`; throws 'format' errors that name `where`. */
export function parseJson(where: string, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    checkKeys(where, text);
    return value;
  } catch (cause) {
    if (cause instanceof BitgaussError) throw cause;
    throw new BitgaussError('format', `${where}: got a text that is no JSON (${(cause as Error).message}), expected JSON`, { cause });
  }
}

/** The entries of a JSON object as a Map, so that no key (`__proto__`) has a meaning of its own. */
export function jsonObject(where: string, value: unknown): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw formatError(where, value, 'a JSON object');
  return new Map(Object.entries(value));
}

/** `text` is valid JSON. */
function checkKeys(where: string, text: string): void {
  const open: Set<string>[] = [];
  for (const token of text.match(TOKENS) ?? []) {
    if (token === '{' || token === '[') {
      if (open.push(new Set()) > MAX_DEPTH)
        throw formatFailure(where, `more than ${MAX_DEPTH} levels`, `JSON of at most ${MAX_DEPTH} levels`);
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token.endsWith(':')) {
      const key = JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)) as string;
      const keys = open[open.length - 1];
      if (keys.has(key)) throw formatFailure(where, `the key ${JSON.stringify(key)} twice`, 'each key once');
      keys.add(key);
    }
  }
}
