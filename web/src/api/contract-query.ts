import {
  infiniteQueryOptions,
  type QueryClient,
  queryOptions,
  type UseMutationResult,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import type { Contract, ReplyBody } from '../../../shared/api/route.ts';
import { type CallInput, type CallOptions, call, callForPage } from './client.ts';

/** How a read is kept: under its operation and what it asked for. The one place where a query key is made. */
export function contractQuery<const C extends Contract>(contract: C, input: CallInput<C>) {
  return queryOptions({
    queryKey: [contract.operation, input] as const,
    queryFn: ({ signal }) => call(contract, input, { signal }),
  });
}

/** A list whose pages follow one another by the cursor in their `Link` header. */
export function contractPages<const C extends Contract>(contract: C, input: CallInput<C>) {
  return infiniteQueryOptions({
    queryKey: [contract.operation, input] as const,
    queryFn: ({ signal, pageParam }) => callForPage(contract, input, { signal, cursor: pageParam }),
    initialPageParam: firstPage(),
    getNextPageParam: (page) => page.next,
  });
}

/** A write; after it, what was read of the `touched` contracts is read anew where it is on the screen. */
export function useContractChange<const C extends Contract>(
  contract: C,
  touched: readonly Contract[],
): UseMutationResult<ReplyBody<C>, Error, CallInput<C> & CallOptions> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: CallInput<C> & CallOptions) => call(contract, input, input),
    onSuccess: () => readAnew(client, touched),
  });
}

/** Marks what was read of these contracts as old. */
export function readAnew(client: QueryClient, touched: readonly Contract[]): Promise<unknown> {
  return Promise.all(touched.map(({ operation }) => client.invalidateQueries({ queryKey: [operation] })));
}

function firstPage(): string | undefined {
  return undefined;
}
