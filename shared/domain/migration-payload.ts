import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { base64, base64nopad } from '@scure/base';
import type { OtpAlgorithm, OtpParameters } from './otp.ts';
import { type AccountFault, admitAccount, type OtpAccount, type ReadAccount, refuseAccount } from './otp-account.ts';
import { migration, otp } from './policy.ts';
import { type RandomBytes, secureRandom } from './random.ts';

/** One account of an export, or one thing that is wrong with it; `part` is the index of the URI that it came from. */
export type MigrationRow = { readonly part: number } & ReadAccount;

/** The URIs of an export, and what could not be put into it: `index` is the account's place in what was given. */
export interface MigrationExport {
  readonly uris: readonly string[];
  readonly omitted: readonly { readonly index: number; readonly reason: string }[];
}

/** Why a part is refused. Fixed sentences, so that none can repeat a secret. */
export const migrationFaults = {
  not_migration: 'This is not an otpauth-migration://offline?data=… URI.',
  encoding: 'The data is not percent-encoded base64.',
  too_large: `The export is larger than ${migration.payloadBytes / 1024} KiB.`,
  malformed: 'The export is damaged: scan its QR code again.',
  too_many: `The export holds more than ${migration.entries} accounts.`,
} as const;

/** Why an account cannot be put into an export: the format has no word for it. */
export const migrationOmissions = {
  digits: 'This export format knows 6 and 8 digits only.',
  interval: `This export format knows an interval of ${migration.intervalSeconds} seconds only.`,
  full: `This export is full at ${migration.partsPerExport} QR codes: export this one by another.`,
} as const;

// VECTORS §5: the numbers of the fields and of their values; 0 is "unspecified".
const payloadField = { entry: 1, version: 2, batchSize: 3, batchIndex: 4, batchId: 5 } as const;
const entryField = { secret: 1, name: 2, issuer: 3, algorithm: 4, digits: 5, type: 6, counter: 7, period: 8 } as const;
const algorithms: readonly OtpAlgorithm[] = ['sha1', 'sha1', 'sha256', 'sha512'];
const digitCounts: readonly number[] = [6, 6, 8];
const types = ['totp', 'hotp', 'totp'] as const;

interface Part {
  readonly part: number;
  readonly data: string;
  readonly entries: readonly Uint8Array[];
  readonly batchSize: number;
  readonly batchIndex: number;
  readonly batchId: number;
}

/**
 * Reads the exports of Google Authenticator, one URI a QR code. Parts of one export are put together by their batch id, in
 * order; a part scanned twice counts once. What is missing of an export is named in one row, the rest is read all the same.
 */
export function readMigrationParts(uris: readonly string[]): MigrationRow[] {
  let entries = 0;
  const read = uris.map((uri, part): Part | MigrationRow => {
    // Beyond the cap nothing is read at all: entries of two bytes would make much work of a small body.
    const row = entries > migration.entries ? undefined : readPart(uri, part);
    if (row !== undefined && 'entries' in row) entries += row.entries.length;
    return row !== undefined && entries <= migration.entries
      ? row
      : { part, ok: false, reason: migrationFaults.too_many };
  });
  const refused = read.filter((row) => 'ok' in row);
  const parts = read.filter((part) => 'entries' in part);
  const batches = Map.groupBy(parts, batchOf);
  return [...refused, ...[...batches.values()].flatMap(readBatch)];
}

/**
 * Writes accounts as such an export, as many a part as its QR code holds and at most ten, and names those that the format
 * cannot express or that are too many.
 */
export function writeMigrationParts(
  accounts: readonly OtpAccount[],
  random: RandomBytes = secureRandom,
): MigrationExport {
  const judged = accounts.map((account, index) => ({ account, index, reason: whyOmitted(account) }));
  const kept = judged.filter(({ reason }) => reason === undefined);
  const batchId = new DataView(Uint8Array.from(random(4)).buffer).getInt32(0);
  const parts = fillParts(kept.map(({ account }) => writeEntry(account)));
  const uris = parts.map((entries, batchIndex) => writePart(entries, { batchSize: parts.length, batchIndex, batchId }));
  const unfit = judged.flatMap(({ index, reason }) => (reason === undefined ? [] : [{ index, reason }]));
  const surplus = kept.slice(parts.flat().length).map(({ index }) => ({ index, reason: migrationOmissions.full }));
  return { uris, omitted: [...unfit, ...surplus] };
}

/** Entries in their order, in as few parts as hold them; those beyond the last part are left. */
function fillParts(entries: readonly Uint8Array[]): Uint8Array[][] {
  // No batch has larger numbers than these, so that a part does not grow when its own are written.
  const largest = { batchSize: migration.entries, batchIndex: migration.entries, batchId: -1 };
  const parts: Uint8Array[][] = [];
  for (const entry of entries) {
    const part = parts.at(-1);
    const fits = part && part.length < migration.entriesPerPart;
    if (fits && writePart([...part, entry], largest).length <= migration.uriBytes) part.push(entry);
    else if (parts.length < migration.partsPerExport) parts.push([entry]);
    else return parts;
  }
  return parts;
}

function writePart(
  entries: readonly Uint8Array[],
  batch: { readonly batchSize: number; readonly batchIndex: number; readonly batchId: number },
): string {
  const writer = new BinaryWriter();
  for (const entry of entries) writer.tag(payloadField.entry, WireType.LengthDelimited).bytes(entry);
  writer.tag(payloadField.version, WireType.Varint).int32(migration.version);
  writer.tag(payloadField.batchSize, WireType.Varint).int32(batch.batchSize);
  writer.tag(payloadField.batchIndex, WireType.Varint).int32(batch.batchIndex);
  writer.tag(payloadField.batchId, WireType.Varint).int32(batch.batchId);
  return `otpauth-migration://offline?data=${encodeURIComponent(base64.encode(writer.finish()))}`;
}

function readPart(uri: string, part: number): Part | MigrationRow {
  const refuse = (fault: keyof typeof migrationFaults): MigrationRow => ({
    part,
    ok: false,
    reason: migrationFaults[fault],
  });
  const query = /^otpauth-migration:\/\/offline\/?\?(.*)$/is.exec(uri.trim())?.[1];
  const rawData = query
    ?.split('&')
    .find((pair) => pair.startsWith('data='))
    ?.slice('data='.length);
  if (!rawData) return refuse('not_migration');
  const payload = decodeData(rawData);
  if (!payload) return refuse('encoding');
  if (payload.length > migration.payloadBytes) return refuse('too_large');

  const fields = readMessage(payload);
  if (!fields) return refuse('malformed');
  const entries = fields.filter(({ number }) => number === payloadField.entry).map(({ value }) => value);
  const batchSize = int32Of(fields, payloadField.batchSize);
  const batchIndex = int32Of(fields, payloadField.batchIndex);
  const batchId = int32Of(fields, payloadField.batchId);
  if (batchSize === undefined || batchIndex === undefined || batchId === undefined) return refuse('malformed');
  if (!entries.every((entry) => entry instanceof Uint8Array)) return refuse('malformed');
  if (entries.length > migration.entries) return refuse('too_many');
  // A batch of one needs no index, and some programs write neither.
  const isWhole = batchSize === 0 || batchSize === 1;
  const isPlaced =
    batchIndex >= 0 && batchIndex < batchSize && batchSize <= migration.entries / migration.entriesPerPart;
  if (!isWhole && !isPlaced) return refuse('malformed');
  return { part, data: rawData, entries, batchSize, batchIndex, batchId };
}

/** Percent-decoded here and nowhere else: a raw `+` is a symbol of base64, not a space. */
function decodeData(rawData: string): Uint8Array | undefined {
  try {
    const symbols = /^([A-Za-z0-9+/]+)={0,2}$/.exec(decodeURIComponent(rawData))?.[1];
    return symbols === undefined ? undefined : base64nopad.decode(symbols);
  } catch {
    return undefined;
  }
}

function batchOf(part: Part): string {
  return part.batchSize > 1 ? `${part.batchId}/${part.batchSize}` : `alone ${part.part}`;
}

function readBatch(parts: readonly Part[]): MigrationRow[] {
  const unique = [...Map.groupBy(parts, ({ data }) => data).values()].flatMap(([scan]) => scan ?? []);
  const ordered = unique.toSorted((a, b) => a.batchIndex - b.batchIndex);
  const rows = ordered.flatMap(({ part, entries }) => entries.map((entry) => ({ part, ...readEntry(entry) })));
  const [first] = parts;
  if (!first || first.batchSize <= 1) return rows;
  const present = new Set(parts.map((part) => part.batchIndex));
  const missing = Array.from({ length: first.batchSize }, (_, index) => index).filter((index) => !present.has(index));
  if (missing.length === 0) return rows;
  const names = missing.map((index) => index + 1).join(', ');
  const reason = `Of the ${first.batchSize} parts of this export these are missing: ${names}. Add their QR codes too.`;
  return [...rows, { part: first.part, ok: false, reason }];
}

function readEntry(bytes: Uint8Array): ReadAccount {
  const fields = readMessage(bytes);
  const secret = fields && bytesOf(fields, entryField.secret);
  const name = fields && textOf(fields, entryField.name);
  const issuer = fields && textOf(fields, entryField.issuer);
  if (!secret || name === undefined || issuer === undefined) return { ok: false, reason: migrationFaults.malformed };
  const parameters = readParameters(fields);
  if (typeof parameters === 'string') return refuseAccount(parameters);
  const isUnsaid = [entryField.algorithm, entryField.digits, entryField.type].some((n) => !int32Of(fields, n));
  if (secret.length === 0) return refuseAccount('secret_missing');
  return admitAccount(parameters, secret, splitName(name, issuer), isUnsaid ? ['unspecified'] : []);
}

function readParameters(fields: readonly Field[]): OtpParameters | AccountFault {
  const algorithm = algorithms[int32Of(fields, entryField.algorithm) ?? -1];
  if (!algorithm) return 'algorithm';
  const digits = digitCounts[int32Of(fields, entryField.digits) ?? -1];
  if (digits === undefined) return 'digits';
  const otp_type = types[int32Of(fields, entryField.type) ?? -1];
  if (!otp_type) return 'type';
  if (otp_type === 'hotp') {
    const counter = varintOf(fields, entryField.counter);
    const isCounter = counter !== undefined && counter >= 0n && counter <= BigInt(otp.counterMax);
    return isCounter ? { otp_type, algorithm, digits, counter: Number(counter) } : 'counter';
  }
  // Not in the original format: one program writes its period there, another a text that means nothing to us.
  const interval = Number(varintOf(fields, entryField.period) || migration.intervalSeconds);
  const isInRange = interval >= otp.intervalSeconds.min && interval <= otp.intervalSeconds.max;
  return isInRange ? { otp_type, algorithm, digits, interval } : 'period';
}

/** The name is often `Issuer:account`, with or without the issuer in its own field. */
function splitName(name: string, issuer: string): { labelIssuer: string; issuer: string; account: string } {
  const colon = issuer !== '' && name.startsWith(`${issuer}:`) ? issuer.length : name.indexOf(':');
  return {
    labelIssuer: name.slice(0, Math.max(colon, 0)).trim(),
    issuer: issuer.trim(),
    account: name.slice(colon + 1).trim(),
  };
}

function whyOmitted(account: OtpAccount): string | undefined {
  if (digitCounts.lastIndexOf(account.digits) === -1) return migrationOmissions.digits;
  const isOther = account.otp_type === 'totp' && account.interval !== migration.intervalSeconds;
  return isOther ? migrationOmissions.interval : undefined;
}

function writeEntry(account: OtpAccount): Uint8Array {
  const name = account.issuer === '' ? account.account : `${account.issuer}:${account.account}`;
  const writer = new BinaryWriter();
  writer.tag(entryField.secret, WireType.LengthDelimited).bytes(account.secret);
  writer.tag(entryField.name, WireType.LengthDelimited).string(name);
  writer.tag(entryField.issuer, WireType.LengthDelimited).string(account.issuer);
  writer.tag(entryField.algorithm, WireType.Varint).int32(algorithms.lastIndexOf(account.algorithm));
  writer.tag(entryField.digits, WireType.Varint).int32(digitCounts.lastIndexOf(account.digits));
  writer.tag(entryField.type, WireType.Varint).int32(types.lastIndexOf(account.otp_type));
  if (account.otp_type === 'hotp') writer.tag(entryField.counter, WireType.Varint).int64(account.counter);
  return writer.finish();
}

/** One field of a proto3 message; of the wire types only two occur in this format, the others are skipped. */
interface Field {
  readonly number: number;
  readonly value: bigint | Uint8Array | undefined;
}

function readMessage(bytes: Uint8Array): Field[] | undefined {
  const reader = new BinaryReader(bytes);
  const fields: Field[] = [];
  try {
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag();
      if (wireType === WireType.Varint) fields.push({ number, value: BigInt(reader.int64()) });
      else if (wireType === WireType.LengthDelimited) fields.push({ number, value: reader.bytes() });
      else reader.skip(wireType, number);
    }
  } catch {
    return undefined;
  }
  return fields;
}

// proto3: of a field that occurs twice the last one counts, an absent one has the value zero or empty. A field of another
// wire type than its own is damage: `undefined`.
function varintOf(fields: readonly Field[], number: number): bigint | undefined {
  const field = fields.findLast((candidate) => candidate.number === number);
  if (!field) return 0n;
  return typeof field.value === 'bigint' ? field.value : undefined;
}

function int32Of(fields: readonly Field[], number: number): number | undefined {
  const value = varintOf(fields, number);
  return value === undefined ? undefined : Number(BigInt.asIntN(32, value));
}

function bytesOf(fields: readonly Field[], number: number): Uint8Array | undefined {
  const field = fields.findLast((candidate) => candidate.number === number);
  if (!field) return new Uint8Array();
  return field.value instanceof Uint8Array ? field.value : undefined;
}

function textOf(fields: readonly Field[], number: number): string | undefined {
  const bytes = bytesOf(fields, number);
  try {
    return bytes && new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
