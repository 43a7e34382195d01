import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createKeyring } from '../shared/crypto/keyring.ts';
import { createKmsClient } from '../shared/crypto/kms-client.ts';
import * as keyVersions from '../shared/data/key-versions.ts';
import { openTable } from '../shared/data/table.ts';
import { rotateKeys } from '../shared/flows/rotate-keys.ts';
import { CommandRefused } from './operator/administration.ts';
import { findStage, type OperatedStage } from './operator/operated-stage.ts';
import { countByVersion, rewrapSecrets } from './operator/rewrap-secrets.ts';
import type { ScannedTable } from './operator/sealed-items.ts';
import { runCommand } from './run-command.ts';

const usage = `npm run keys -- rotate                       adds a version to each key ring; old ones still open what they sealed
npm run keys -- rewrap [--ring otp|mfa]      seals anew what is sealed under old versions; stop it and run it again as you like
npm run keys -- status                       how many secrets are sealed under which version

  Functions take up a new version within 15 minutes: what they seal under the one before till then, the next rewrap moves.
  Where: --outputs FILE of “cdk deploy --outputs-file”, or TABLE_NAME, DATA_KEY_ID and SIGNING_KEY_ID in the environment, in the
  account of your AWS credentials; else the product on this machine (--control-port 8001). --json prints one line of JSON.`;

const options = {
  ring: { type: 'string' },
  outputs: { type: 'string' },
  'control-port': { type: 'string', default: process.env['CONTROL_PORT'] ?? '8001' },
  json: { type: 'boolean', default: false },
} as const;

const deadlineMs = 30_000;

/** What a command works on, and what it tells the operator while it does. */
interface Work extends ScannedTable {
  readonly stage: OperatedStage;
  readonly rings: readonly keyVersions.Ring[];
  readonly signal: AbortSignal;
  readonly tell: (sentence: string) => void;
}

type Command = (work: Work) => Promise<object>;

const commands: Readonly<Record<string, Command>> = {
  rotate: async ({ stage, table, tell }) => {
    const rotation = await rotateKeys(
      {
        table,
        kms: createKmsClient(),
        dataKeyId: required(stage.dataKeyId, 'DATA_KEY_ID'),
        signingKeyId: required(stage.signingKeyId, 'SIGNING_KEY_ID'),
        now: Date.now(),
        deadline: AbortSignal.timeout(deadlineMs),
      },
      { rotate: true },
    );
    for (const { ring, version } of rotation.versions) tell(`Key ring ${ring} has version ${version}.`);
    return rotation;
  },

  rewrap: async (work) => {
    const kms = createKmsClient();
    const keyId = required(work.stage.dataKeyId, 'DATA_KEY_ID');
    const told: Record<string, object> = {};
    for (const ring of work.rings) {
      const keyring = createKeyring({ kms, keyId, ring, loadVersions: () => versionsOf(work, ring), now: Date.now });
      const counts = await rewrapSecrets(work, ring, {
        keyring,
        signal: work.signal,
        onPage: ({ moved }) => moved > 0 && work.tell(`Key ring ${ring}: ${moved} moved so far`),
      });
      told[ring] = counts;
      const { moved, current, changed, unreadable } = counts;
      work.tell(`Key ring ${ring}: ${moved} moved, ${current} were current, ${changed} changed meanwhile.`);
      for (const name of unreadable) work.tell(`The secret of ${name} does not open, and stays as it is.`);
      if (unreadable.length > 0) process.exitCode = 1;
      if (work.signal.aborted) work.tell('Stopped. What was moved stays moved; run it again for the rest.');
    }
    return told;
  },

  status: async (work) => {
    const told: Record<string, object> = {};
    for (const ring of work.rings) {
      const byVersion = await countByVersion(work, ring);
      const versions = (await versionsOf(work, ring)).map(({ version, created_at }) => {
        return { version, created_at: new Date(created_at).toISOString(), secrets: byVersion.get(version) ?? 0 };
      });
      const known = versions.reduce((sum, { secrets }) => sum + secrets, 0);
      const orphaned = [...byVersion.values()].reduce((sum, secrets) => sum + secrets, 0) - known;
      told[ring] = { versions, orphaned };
      for (const { version, created_at, secrets } of versions) {
        work.tell(`Key ring ${ring}, version ${version} of ${created_at.slice(0, 10)}: ${secrets} secrets`);
      }
      if (orphaned > 0) work.tell(`Key ring ${ring}: ${orphaned} secrets are of no version that the ring has.`);
    }
    return told;
  },
};

async function versionsOf({ table }: Work, ring: keyVersions.Ring): Promise<keyVersions.WrappedDataKey[]> {
  return (await table.readRange(keyVersions.ofRing(ring), AbortSignal.timeout(deadlineMs))).rows;
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new CommandRefused(`Name the key: set ${name}, or give the stage with --outputs.`);
  return value;
}

function ringsOf(ring: string | undefined): keyVersions.Ring[] {
  if (ring === undefined) return ['otp', 'mfa'];
  if (ring === 'otp' || ring === 'mfa') return [ring];
  throw new CommandRefused('There are two key rings: otp and mfa.');
}

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
  const rings = ringsOf(values.ring);
  const control = `http://127.0.0.1:${values['control-port']}`;
  const stage = await findStage({ outputs: values.outputs, control }, process.env);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const told = await command({
    stage,
    rings,
    tableName: stage.tableName,
    table: openTable(stage.tableName),
    client: DynamoDBDocumentClient.from(new DynamoDBClient()),
    signal: stopping.signal,
    tell: values.json ? () => undefined : (sentence) => console.log(sentence),
  });
  if (values.json) console.log(JSON.stringify(told));
}

await runCommand(() => main(process.argv.slice(2)));
