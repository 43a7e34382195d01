import { parseArgs } from 'node:util';
import { openTable } from '../shared/data/table.ts';
import {
  CommandRefused,
  createAdministrator,
  type Operator,
  resetPassword,
  setAdministrator,
  unlockUser,
} from './operator/administration.ts';
import { findStage } from './operator/operated-stage.ts';
import { runCommand } from './run-command.ts';

const usage = `npm run admin -- create --username NAME --email ADDRESS [--must-change-password]
npm run admin -- grant | revoke | unlock | reset-password --username NAME

  Where: --table NAME (or TABLE_NAME) in the account of your AWS credentials, --outputs FILE of “cdk deploy --outputs-file”,
  else the product on this machine (--control-port 8001). --json prints one line of JSON.`;

const options = {
  username: { type: 'string' },
  email: { type: 'string' },
  'must-change-password': { type: 'boolean', default: false },
  table: { type: 'string' },
  outputs: { type: 'string' },
  'control-port': { type: 'string', default: process.env['CONTROL_PORT'] ?? '8001' },
  json: { type: 'boolean', default: false },
} as const;

/** What a command tells the operator: a sentence, and the same as data. */
interface Told {
  readonly sentence: string;
  readonly data: Readonly<Record<string, string>>;
}

type Flags = ReturnType<typeof readFlags>['values'];
type Command = (operator: Operator, username: string, flags: Flags) => Promise<Told>;

const commands: Readonly<Record<string, Command>> = {
  create: async (operator, username, { email, 'must-change-password': mustChangePassword }) => {
    if (email === undefined) throw new CommandRefused('Name an e-mail address with --email.');
    const { password } = await createAdministrator(operator, { username, email, mustChangePassword });
    return {
      sentence: `The administrator “${username}” is made. The password, shown this once: ${password}`,
      data: { username, password },
    };
  },
  grant: async (operator, username) => {
    await setAdministrator(operator, username, true);
    return { sentence: `“${username}” is an administrator.`, data: { username } };
  },
  revoke: async (operator, username) => {
    await setAdministrator(operator, username, false);
    return { sentence: `“${username}” is no administrator any more.`, data: { username } };
  },
  unlock: async (operator, username) => {
    await unlockUser(operator, username);
    return { sentence: `“${username}” can log in again.`, data: { username } };
  },
  'reset-password': async (operator, username) => {
    const { password } = await resetPassword(operator, username);
    return {
      sentence: `“${username}” must change this password at the next log-in; it is shown this once: ${password}`,
      data: { username, password },
    };
  },
};

function readFlags(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (cause) {
    throw new CommandRefused(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

async function main(args: string[]): Promise<void> {
  const { positionals, values } = readFlags(args);
  const command = commands[positionals[0] ?? ''];
  if (command === undefined || positionals.length !== 1) throw new CommandRefused(`Use it as:\n${usage}`);
  if (values.username === undefined) throw new CommandRefused('Name a user with --username.');
  const control = `http://127.0.0.1:${values['control-port']}`;
  const { tableName } = await findStage({ table: values.table, outputs: values.outputs, control }, process.env);
  try {
    const { sentence, data } = await command({ table: openTable(tableName) }, values.username, values);
    console.log(values.json ? JSON.stringify(data) : sentence);
  } catch (cause) {
    if (cause instanceof CommandRefused) throw cause;
    throw new CommandRefused(`The command failed on the table “${tableName}”: ${reasonOf(cause)}`, { cause });
  }
}

// What AWS said stands innermost: no such table, no credentials, no permission, no answer.
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message || error.name : reasonOf(error.cause);
}

await runCommand(() => main(process.argv.slice(2)));
