import { writeFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import passwords from '@zxcvbn-ts/language-common/src/passwords.json' with { type: 'json' };
import { account } from './policy.ts';

/**
 * Packs the most common passwords of @zxcvbn-ts/language-common (MIT; sorted by how often they occur in breaches) into the
 * data file beside this script: `node shared/domain/pack-common-passwords.ts`. A test says when that is due again.
 */
// Sorted they take a third less room.
const list = passwords.slice(0, account.password.commonCount).toSorted();
writeFileSync(new URL('common-passwords.br', import.meta.url), brotliCompressSync(list.join('\n')));
