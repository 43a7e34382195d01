import { canonicalUsername } from './account-name.ts';
import { account } from './policy.ts';

/** One rule for a password, in words that say what to do. */
export interface PasswordRule {
  readonly id: 'length' | 'upper' | 'lower' | 'digit' | 'special' | 'bytes' | 'username';
  readonly text: string;
  met(password: string, username: string): boolean;
}

/**
 * SPEC §6.1, all but the list of common passwords, which only the server holds. Free of Node, so that the console shows
 * the same rules while a person types. Length counts characters, the upper bound bytes of UTF-8: bcrypt reads no further.
 */
export const passwordRules: readonly PasswordRule[] = [
  {
    id: 'length',
    text: `Use at least ${account.password.min} characters.`,
    met: (password) => [...password].length >= account.password.min,
  },
  { id: 'upper', text: 'Use an upper-case letter.', met: (password) => /\p{Lu}/u.test(password) },
  { id: 'lower', text: 'Use a lower-case letter.', met: (password) => /\p{Ll}/u.test(password) },
  { id: 'digit', text: 'Use a digit.', met: (password) => /\p{Nd}/u.test(password) },
  {
    id: 'special',
    text: 'Use a special character, such as a punctuation mark or a space.',
    met: (password) => /[\p{P}\p{S}\p{Zs}]/u.test(password),
  },
  {
    id: 'bytes',
    text: `Use at most ${account.password.maxBytes} bytes: plain letters count 1, others 2 to 4.`,
    met: (password) => new TextEncoder().encode(password).length <= account.password.maxBytes,
  },
  {
    id: 'username',
    text: 'Do not use your username in it.',
    met: (password, username) => {
      const name = canonicalUsername(username);
      return name === '' || !canonicalUsername(password).includes(name);
    },
  },
];
