/**
 * JSON without white space and with sorted names: one text for one value, and no two values that came from JSON share a
 * text. For hashing and authentication only, never to be read back.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const byName = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(byName.map(([name, part]) => [name, sorted(part)]));
}
