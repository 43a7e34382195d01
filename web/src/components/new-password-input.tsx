import type { PasswordInputProps } from '@mantine/core';
import { IconCircle, IconCircleCheck } from '@tabler/icons-react';
import { useId } from 'react';
import { passwordRules } from '../../../shared/domain/password-rules.ts';
import classes from './new-password-input.module.css';
import { PasswordField } from './password-field.tsx';

/** A new password, with the rules beside it as they are met. That it is not a common one the service says. */
export function NewPasswordInput({
  value,
  username,
  ...others
}: Omit<PasswordInputProps, 'value'> & { value: string; username: string }) {
  const rulesId = useId();
  // The upper bound is no advice; it is shown once somebody breaks it.
  const shown = passwordRules.filter((rule) => rule.id !== 'bytes' || !rule.met(value, username));
  return (
    <div>
      <PasswordField autoComplete="new-password" required aria-describedby={rulesId} {...others} value={value} />
      <ul id={rulesId} className={classes.rules} aria-label="Rules for the password">
        {shown.map((rule) => {
          const met = value !== '' && rule.met(value, username);
          const Mark = met ? IconCircleCheck : IconCircle;
          return (
            <li key={rule.id} className={classes.rule} data-met={met || undefined}>
              <Mark size={16} aria-label={met ? 'Met:' : 'Not met:'} role="img" />
              {rule.text}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** What is wrong with a new password, for a form; nothing when every rule that can be checked here is met. */
export function newPasswordProblem(password: string, username: string): string | null {
  return passwordRules.find((rule) => !rule.met(password, username))?.text ?? null;
}
