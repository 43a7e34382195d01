import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';
import { useColorSchemeChoice } from './color-scheme.ts';
import classes from './theme-choice.module.css';

const choices = [
  { value: 'light', label: 'Light', icon: IconSun },
  { value: 'dark', label: 'Dark', icon: IconMoon },
  { value: 'auto', label: 'System', icon: IconDeviceDesktop },
] as const;

/** Light, dark or as the system has it. */
export function ThemeChoice() {
  const { colorScheme, setColorScheme } = useColorSchemeChoice();
  return (
    <div className={classes.choice} role="radiogroup" aria-label="Colours">
      {choices.map(({ value, label, icon: Icon }) => (
        <label key={value} className={classes.option} title={label}>
          <input
            type="radio"
            name="color-scheme"
            className={classes.input}
            checked={colorScheme === value}
            onChange={() => setColorScheme(value)}
            aria-label={label}
          />
          <Icon size={16} aria-hidden />
        </label>
      ))}
    </div>
  );
}
