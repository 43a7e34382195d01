/**
 * JSON without white space and with sorted names: one text for one value, and no two values that came from JSON share a
 * text. For hashing and authentication only, never to be read back.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
