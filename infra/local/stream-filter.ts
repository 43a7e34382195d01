import { isRecord, listOf } from './json.ts';

/** Whether a record of the stream is for the function. */
export type RecordFilter = (record: unknown) => boolean;

/**
 * Reads the filter patterns of an event source mapping (Lambda developer guide, “Control which events Lambda sends to your
 * function”). A record fits when one pattern fits; without patterns every record does. An operator that is not known here throws.
 */
export function readFilter(patterns: readonly unknown[]): RecordFilter {
  if (patterns.length === 0) return () => true;
  const filters = patterns.map(readPattern);
  return (record) => filters.some((fits) => fits(record));
}

function readPattern(pattern: unknown): RecordFilter {
  if (Array.isArray(pattern)) {
    const rules = pattern.map(readRule);
    return (value) => rules.some((fits) => fits(value));
  }
  if (!isRecord(pattern))
    throw new Error(`The filter pattern ${JSON.stringify(pattern)} is neither an object nor a list.`);
  const { $or: alternatives, ...fields } = pattern;
  const own = Object.entries(fields).map(([name, inner]) => {
    const fits = readPattern(inner);
    return (value: unknown) => fits(isRecord(value) ? value[name] : undefined);
  });
  const others = listOf(alternatives).map(readPattern);
  return (value) => own.every((fits) => fits(value)) && (others.length === 0 || others.some((fits) => fits(value)));
}

function readRule(rule: unknown): RecordFilter {
  if (!isRecord(rule)) return (value) => value === rule;
  const [[operator, operand] = []] = Object.entries(rule);
  if (operator === 'exists' && typeof operand === 'boolean') return (value) => (value !== undefined) === operand;
  if (operator === 'anything-but') {
    const refused = listOf(operand);
    return (value) => value !== undefined && !refused.includes(value);
  }
  if (typeof operand === 'string') {
    const test = textRules[operator ?? ''];
    if (test !== undefined) return (value) => typeof value === 'string' && test(value, operand);
  }
  throw new Error(`The filter rule ${JSON.stringify(rule)} is not known here.`);
}

const textRules: Record<string, (value: string, operand: string) => boolean> = {
  prefix: (value, operand) => value.startsWith(operand),
  suffix: (value, operand) => value.endsWith(operand),
  'equals-ignore-case': (value, operand) => value.toLowerCase() === operand.toLowerCase(),
};
