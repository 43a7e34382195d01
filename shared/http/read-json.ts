import { fail } from '../api/problems.ts';
import { request } from '../domain/policy.ts';

/**
 * Parses a body more strictly than `JSON.parse`, which silently takes the last of two equal names: a second reader may take the
 * first. Names are compared after unescaping. `malformed_json` for duplicates, `__proto__`, deep nesting, invalid UTF-8.
 */
export function readJson(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // API Gateway hands a JSON body on as text: what was no UTF-8 in it has become the replacement character.
    if (text.includes('\uFFFD')) throw new Error('not UTF-8');
    refuseAmbiguous(text);
    return JSON.parse(text);
  } catch (cause) {
    throw fail('malformed_json', {}, { cause });
  }
}

// Walks over strings and brackets only; whether the text is JSON at all is for JSON.parse to say. A string that does not end is
// taken to the end of the text: were it no token, each of its escaped quotes would begin another search for an end.
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"?|[{}[\],:]/gs;

function refuseAmbiguous(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let lastString: string | undefined;
  for (const [token] of text.matchAll(tokens)) {
    if (token.startsWith('"')) {
      lastString = token;
      continue;
    }
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : undefined);
      if (open.length > request.jsonDepth) throw new Error('nested too deeply');
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ':' && lastString !== undefined) {
      const name = String(JSON.parse(lastString));
      const names = open.at(-1);
      if (name === '__proto__' || names?.has(name)) throw new Error('a name that must not be there, or twice');
      names?.add(name);
    }
    lastString = undefined;
  }
}
