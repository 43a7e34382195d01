import { randomBytes } from 'node:crypto';

/** A trace id in X-Ray's form, as Lambda hands it to the runtime and the SDK on to every service that it calls. */
export function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}

/** The root of a trace id: it is the same in all calls made for one request. */
export function traceRoot(traceId: string): string | undefined {
  return /Root=([^;]+)/.exec(traceId)?.[1];
}
