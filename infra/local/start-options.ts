import { parseArgs } from 'node:util';
import { parseLimit } from '../settings.ts';

/** How `npm start` was asked to run the product. */
export interface StartOptions {
  readonly ports: { readonly api: number; readonly console: number; readonly control: number };
  /** Folder of the data. */
  readonly data: string;
  readonly fresh: boolean;
  readonly dynamoDb: string | undefined;
  /** Settings of the stage. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The way to call `npm start`. */
export const usage = `npm start -- [--fresh] [--port 8000] [--console-port 3000] [--control-port 8001] [--data .local] [--limit name=1000/1m]…`;

/** Reads flags, and where one is missing the environment. What cannot be read throws a sentence. */
export function readStartOptions(args: string[], env: Readonly<Record<string, string | undefined>>): StartOptions {
  const { values } = readFlags(args);
  const limits = [...(env.LIMITS?.split(',') ?? []), ...(values.limit ?? [])].filter(Boolean).map(readLimit);
  return {
    ports: {
      api: readPort('--port', values.port ?? env.PORT ?? '8000'),
      console: readPort('--console-port', values['console-port'] ?? env.CONSOLE_PORT ?? '3000'),
      control: readPort('--control-port', values['control-port'] ?? env.CONTROL_PORT ?? '8001'),
    },
    data: values.data ?? env.DATA ?? '.local',
    fresh: values.fresh ?? false,
    dynamoDb: env.DYNAMODB_ENDPOINT || undefined,
    settings: limits.length > 0 ? { limits: Object.fromEntries(limits) } : {},
  };
}

function readFlags(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        fresh: { type: 'boolean' },
        port: { type: 'string' },
        'console-port': { type: 'string' },
        'control-port': { type: 'string' },
        data: { type: 'string' },
        limit: { type: 'string', multiple: true },
      },
    });
  } catch (cause) {
    throw new Error(`${cause instanceof Error ? cause.message : cause}\nUse it as: ${usage}`, { cause });
  }
}

function readPort(flag: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`${flag} ${text} is not a port: choose one from 0 (any that is free) to 65535.`);
}

function readLimit(text: string): [name: string, limit: string] {
  const [name = '', limit = ''] = text.split('=');
  // Whether there is such a limit, the stack's settings say.
  parseLimit(limit);
  return [name, limit];
}
