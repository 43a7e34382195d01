import { describe, expect, it } from 'vitest';
import { readStartOptions } from './start-options.ts';

describe('readStartOptions', () => {
  it('has the seed’s ports and keeps data, when nothing is said', () => {
    expect(readStartOptions([], {})).toEqual({
      ports: { api: 8000, console: 3000, control: 8001 },
      data: '.local',
      fresh: false,
      dynamoDb: undefined,
      settings: {},
    });
  });

  it('takes flags before the environment', () => {
    const env = {
      PORT: '9000',
      CONSOLE_PORT: '9001',
      CONTROL_PORT: '9002',
      DATA: 'elsewhere',
      DYNAMODB_ENDPOINT: 'http://localhost:4566',
    };
    expect(readStartOptions(['--port', '7000', '--fresh'], env)).toMatchObject({
      ports: { api: 7000, console: 9001, control: 9002 },
      data: 'elsewhere',
      fresh: true,
      dynamoDb: 'http://localhost:4566',
    });
  });

  it('collects limits from both, a flag last', () => {
    const { settings } = readStartOptions(['--limit', 'validate=1000/1m', '--limit', 'generate=5/30s'], {
      LIMITS: 'validate=1/1h,login=9/1m',
    });
    expect(settings).toEqual({ limits: { validate: '1000/1m', login: '9/1m', generate: '5/30s' } });
  });

  it.each([
    [['--port', 'x'], '--port x is not a port'],
    [['--port', '70000'], '--port 70000 is not a port'],
    [['--limit', 'validate'], 'is not a limit'],
    [['--limit', 'validate=many'], '“many” is not a limit: write it as 1000/1m'],
    [['--prot', '1'], 'npm start -- [--fresh]'],
    [['more'], 'npm start -- [--fresh]'],
  ])('refuses %j with a sentence', (args, sentence) => {
    expect(() => readStartOptions(args, {})).toThrow(sentence);
  });
});
