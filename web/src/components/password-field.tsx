import { PasswordInput, type PasswordInputProps } from '@mantine/core';

/** A password; unlike Mantine's own field it also tells a screen reader that what stands in it was not taken. */
export function PasswordField(props: PasswordInputProps) {
  return <PasswordInput aria-invalid={Boolean(props.error)} {...props} />;
}
