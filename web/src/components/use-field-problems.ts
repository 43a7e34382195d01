import type { UseFormReturnType } from '@mantine/form';
import { useEffect } from 'react';
import type { ProblemCode } from '../../../shared/api/problems.ts';
import { Refusal } from '../api/problem.ts';

/**
 * Puts what a refusal says of single fields at these fields and the cursor into the first of them. `codeFields` names the
 * field that a problem as a whole is about. Answers the error when some of it has no field and must be shown elsewhere.
 */
export function useFieldProblems<Values extends object>(
  form: UseFormReturnType<Values>,
  error: Error | null,
  codeFields: Partial<Record<ProblemCode, keyof Values & string>> = {},
): Error | null {
  const problems = error instanceof Refusal ? fieldProblems(error, codeFields) : [];
  const placed = problems.filter(({ path }) => path in form.getValues());

  // biome-ignore lint/correctness/useExhaustiveDependencies: placed once for each refusal, then the person edits.
  useEffect(() => {
    const [first] = placed;
    if (!first) return;
    form.setErrors(Object.fromEntries(placed.map(({ path, message }) => [path, message])));
    form.getInputNode(first.path)?.focus();
  }, [error]);

  return problems.length > 0 && placed.length === problems.length ? null : error;
}

function fieldProblems(error: Refusal, codeFields: Partial<Record<ProblemCode, string>>) {
  const field = error.code === 'unknown' ? undefined : codeFields[error.code];
  return field ? [{ path: field, message: error.message }] : error.fields;
}
