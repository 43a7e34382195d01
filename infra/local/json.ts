/** An object of JSON whose fields nobody has looked at yet. */
export type JsonRecord = Record<string, unknown>;

/** Tells an object of JSON from everything else that JSON can be. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses JSON without saying what it holds; text that is not JSON throws. */
export function parseJson(text: string): unknown {
  return JSON.parse(text);
}

/** One value or a list of them, as IAM and CloudFormation allow in many places: always a list. */
export function listOf(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
