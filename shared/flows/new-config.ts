import * as configs from '../data/configs.ts';
import type { Write } from '../data/expression.ts';
import type { MeterChange } from '../data/meters.ts';
import * as secrets from '../data/secrets.ts';
import type { OtpAccount } from '../domain/otp-account.ts';
import { otp } from '../domain/policy.ts';
import { sealOtpSecret } from './otp-secret.ts';

interface Choices {
  readonly name?: string | undefined;
  readonly window?: number | undefined;
  readonly look_ahead?: number | undefined;
}

/** A configuration as it begins: what the account does not say has its default. */
export function beginConfig(account: OtpAccount, choices: Choices, id: number, now: number): configs.OtpConfig {
  const common = {
    id,
    name: choices.name ?? nameOf(account),
    algorithm: account.algorithm,
    digits: account.digits,
    issuer: account.issuer,
    account: account.account,
    is_active: true,
    failures: 0,
    created_at: now,
    updated_at: now,
  };
  return account.otp_type === 'totp'
    ? { ...common, otp_type: 'totp', interval: account.interval, window: choices.window ?? otp.window.default }
    : {
        ...common,
        otp_type: 'hotp',
        counter: account.counter,
        look_ahead: choices.look_ahead ?? otp.lookAhead.default,
      };
}

/** The writes of a new configuration: itself, and its secret as an item of its own. */
export async function configWrites(userId: string, config: configs.OtpConfig, secret: Uint8Array): Promise<Write[]> {
  const sealed = await sealOtpSecret(userId, config, secret);
  return [
    configs.create(userId, config),
    secrets.create(userId, { id: config.id, sealed, created_at: config.created_at }),
  ];
}

/** What new configurations, numbered in a row, add to their owner's meter; their ids are taken with it: no two are alike. */
export function configsAdded(added: readonly configs.OtpConfig[]): MeterChange {
  const count = (is: (config: configs.OtpConfig) => boolean) => added.filter(is).length;
  return {
    add: {
      configs: added.length,
      active: count((config) => config.is_active),
      totp: count((config) => config.otp_type === 'totp'),
      hotp: count((config) => config.otp_type === 'hotp'),
      sha1: count((config) => config.algorithm === 'sha1'),
      sha256: count((config) => config.algorithm === 'sha256'),
      sha512: count((config) => config.algorithm === 'sha512'),
    },
    takesConfigIds: { after: Math.min(...added.map(({ id }) => id)) - 1, count: added.length },
  };
}

/** What a configuration is called for which no name was chosen. */
export function nameOf({ issuer, account }: Pick<OtpAccount, 'issuer' | 'account'>): string {
  const name = [issuer, account].filter((part) => part !== '').join(': ');
  // A cut through a character of two units would leave half of it.
  return name === '' ? 'Imported' : name.slice(0, otp.nameLength).replace(/[\uD800-\uDBFF]$/, '');
}
