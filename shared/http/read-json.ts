import { fail } from '../api/problems.ts';
import { request } from '../domain/policy.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses a body more strictly than `JSON.parse`, which silently takes the last of two equal names: a second reader may take the
 * first. Names are compared after unescaping. `malformed_json` for duplicates, `__proto__`, deep nesting, more values than any
 * request has, invalid UTF-8.
 */
export function readJson(bytes: Uint8Array): unknown {
  try {
    const text = utf8.decode(bytes);
    // API Gateway hands a JSON body on as text: what was no UTF-8 in it has become the replacement character.
    if (text.includes('\uFFFD')) throw new Error('not UTF-8');
    refuseAmbiguous(text);
    return JSON.parse(text);
  } catch (cause) {
    throw fail('malformed_json', {}, { cause });
  }
}

// Walks over strings and brackets only; whether the text is JSON at all is for JSON.parse to say. One pass, character by
// character: a pattern that finds a match for each of a million commas takes the better part of a second.
function refuseAmbiguous(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let lastString: string | undefined;
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      lastString = text.slice(at, end + 1);
      at = end;
    } else if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : undefined);
      if (open.length > request.jsonDepth) throw new Error('nested too deeply');
      lastString = undefined;
    } else if (character === '}' || character === ']') {
      open.pop();
      lastString = undefined;
    } else if (character === ',') {
      if (++values >= request.jsonValues) throw new Error('too many values');
      lastString = undefined;
    } else if (character === ':' && lastString !== undefined) {
      const name = String(JSON.parse(lastString));
      const names = open.at(-1);
      if (name === '__proto__' || names?.has(name)) throw new Error('a name that must not be there, or twice');
      names?.add(name);
      lastString = undefined;
    }
  }
}

// Of a string that does not end, the end of the text.
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '"') return at;
    if (text[at] === '\\') at++;
  }
  return text.length;
}
