import { useRef } from 'react';
import { useGenerateCode } from '../api/generate-code.ts';
import { Unreachable } from '../api/problem.ts';

/** Hands out codes of a counter-based configuration, one a press. */
export function useNextCode(configId: number) {
  const generate = useGenerateCode();
  // After a lost answer the same key asks for the same code: no counter is spent for nothing.
  const key = useRef<string>(undefined);

  function next(): void {
    key.current ??= crypto.randomUUID();
    generate.mutate(
      { body: { config_id: configId, counter_increment: true }, idempotencyKey: key.current },
      {
        onSettled: (_, error) => {
          if (!(error instanceof Unreachable)) key.current = undefined;
        },
      },
    );
  }

  return { next, issued: generate.data, error: generate.error, isPending: generate.isPending };
}
