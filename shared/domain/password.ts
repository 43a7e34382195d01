import { isCommonPassword } from './common-passwords.ts';
import { passwordRules } from './password-rules.ts';

/** What is wrong with a new password, a sentence each; empty when it may be used. A password is never repeated in them. */
export function passwordProblems(password: string, username: string): string[] {
  const broken = passwordRules.filter((rule) => !rule.met(password, username)).map((rule) => rule.text);
  return isCommonPassword(password) ? [...broken, 'Do not build it on a common password: choose other words.'] : broken;
}
