import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hashOf, newRotationSalt, successorJti } from './refresh-chain.ts';

describe('successorJti', () => {
  const salt = newRotationSalt();

  test('is the same for everyone who presents the same predecessor, and 256 bit long', () => {
    expect(successorJti('first', salt)).toBe(successorJti('first', salt));
    expect(successorJti('first', salt)).toMatch(/^[\w-]{43}$/);
  });

  test('differs by predecessor and by salt', () => {
    const others = [successorJti('second', salt), successorJti('first', newRotationSalt()), 'first'];
    expect(new Set([successorJti('first', salt), ...others]).size).toBe(4);
  });

  test('stays what it is, since a rotation may be answered by an older deployment', () => {
    expect(successorJti('predecessor', 'AAECAwQFBgcICQoLDA0ODw')).toBe('DSYOV50yBaMT7bIcl1hTqy3vEL9G_Rug40RN8D4tUZE');
  });

  test('never comes back in a long chain', () => {
    const seen = new Set<string>();
    let jti = 'start';
    for (let rotation = 0; rotation < 1000; rotation += 1) {
      jti = successorJti(jti, salt);
      seen.add(jti);
    }
    expect(seen.size).toBe(1000);
  });
});

test('newRotationSalt is 128 random bits', () => {
  const salts = new Set(Array.from({ length: 1000 }, newRotationSalt));
  expect(salts.size).toBe(1000);
  for (const salt of salts) expect(Buffer.from(salt, 'base64url').length).toBe(16);
});

test('hashOf is SHA-256 in base64url', () => {
  expect(hashOf('abc')).toBe(createHash('sha256').update('abc').digest('base64url'));
  expect(hashOf('abc')).not.toBe(hashOf('abd'));
});
