import { TextInput, type TextInputProps } from '@mantine/core';
import classes from './code-input.module.css';

/**
 * A field for a code: one field, not a box a digit, so that pasting, password managers and screen readers work as they do
 * everywhere. Takes digits only, whatever is pasted around them.
 */
export function CodeInput({
  value,
  onCode,
  length,
  ...others
}: Omit<TextInputProps, 'value' | 'onChange'> & { value: string; onCode: (code: string) => void; length: number }) {
  return (
    <TextInput
      inputMode="numeric"
      autoComplete="one-time-code"
      autoCorrect="off"
      spellCheck={false}
      placeholder={'0'.repeat(length)}
      classNames={{ input: classes.input ?? '' }}
      {...others}
      value={value}
      onChange={(event) => onCode(event.currentTarget.value.replace(/\D/g, '').slice(0, length))}
    />
  );
}
