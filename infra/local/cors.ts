import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';

/** CORS as the template has it for the API. */
export const corsSchema = z.object({
  AllowOrigins: z.array(z.string()).default([]),
  AllowMethods: z.array(z.string()).default([]),
  AllowHeaders: z.array(z.string()).default([]),
  ExposeHeaders: z.array(z.string()).default([]),
  AllowCredentials: z.boolean().default(false),
  MaxAge: z.number().optional(),
});

/** What a site's pages may ask of the API. */
export type Cors = z.output<typeof corsSchema>;

/** Whether a request only asks what it may ask. API Gateway answers it itself, no function sees it. */
export function isPreflight(method: string, headers: IncomingHttpHeaders): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

/** The answer's CORS headers; none for an origin that is not on the list. */
export function corsHeaders(cors: Cors, headers: IncomingHttpHeaders, forPreflight: boolean): Record<string, string> {
  const { origin } = headers;
  const isListed = origin !== undefined && (cors.AllowOrigins.includes(origin) || cors.AllowOrigins.includes('*'));
  if (!isListed) return {};
  const list = (name: string, values: readonly string[]) => (values.length > 0 ? { [name]: values.join(',') } : {});
  return {
    'access-control-allow-origin': cors.AllowOrigins.includes(origin) ? origin : '*',
    vary: 'Origin',
    ...(cors.AllowCredentials && { 'access-control-allow-credentials': 'true' }),
    ...(forPreflight
      ? {
          ...list('access-control-allow-methods', cors.AllowMethods),
          ...list('access-control-allow-headers', cors.AllowHeaders),
          ...(cors.MaxAge !== undefined && { 'access-control-max-age': String(cors.MaxAge) }),
        }
      : list('access-control-expose-headers', cors.ExposeHeaders)),
  };
}
