import * as z from 'zod/mini';

/** Bytes as the document client reads them. */
export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'not bytes');
