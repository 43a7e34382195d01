import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  convertCssVariables,
  DEFAULT_THEME,
  deepMerge,
  defaultCssVariablesResolver,
  mergeMantineTheme,
} from '@mantine/core';
import type { Plugin } from 'vite';
import { cssVariables, theme } from '../src/theme/theme.ts';

const variablesId = 'virtual:theme-variables.css';
const componentsId = 'virtual:mantine-components.css';
const stylesFolder = join(import.meta.dirname, '../../node_modules/@mantine/core/styles');
const stylesOfComponent = /@mantine[\\/]core[\\/]esm[\\/]components[\\/].*[\\/](\w+)\.module\.mjs$/;

// In the order in which they follow one another in Mantine's own styles.css: an anchor is a text, and its underline must win
// over the text's. The build fails when one is missing.
const components = [
  'ScrollArea',
  'UnstyledButton',
  'VisuallyHidden',
  'Paper',
  'Overlay',
  'Popover',
  'Loader',
  'ActionIcon',
  'CloseButton',
  'Group',
  'ModalBase',
  'Input',
  'FloatingIndicator',
  'Alert',
  'Text',
  'Anchor',
  'Combobox',
  'InlineInput',
  'CheckboxCard',
  'CheckboxIndicator',
  'Checkbox',
  'Badge',
  'Button',
  'Code',
  'ColorSwatch',
  'Menu',
  'Modal',
  'Notification',
  'NumberInput',
  'PasswordInput',
  'RadioCard',
  'RadioIndicator',
  'Radio',
  'Tooltip',
  'SegmentedControl',
  'Skeleton',
  'Stack',
  'Switch',
  'Tabs',
  'Title',
];
const unusedColors = /^--mantine-color-(pink|grape|violet|indigo|blue|cyan|teal|lime|orange)-/;

/**
 * Mantine's styles as files. At run time it would write the theme's variables into a `<style>` element, which a page with
 * `style-src 'self'` refuses; so they are written here, at build time, from the same theme.
 */
export function mantineCss(): Plugin {
  return {
    name: 'mantine-css',
    resolveId: (id) => (id === variablesId || id === componentsId ? `\0${id}` : null),
    load(id) {
      if (id === `\0${variablesId}`) return themeVariables();
      if (id === `\0${componentsId}`) return componentStyles();
      return null;
    },
    generateBundle(_, bundle) {
      const missing = new Set(
        Object.values(bundle)
          .flatMap((output) => (output.type === 'chunk' ? Object.keys(output.modules) : []))
          .map((id) => stylesOfComponent.exec(id)?.[1])
          .filter((name) => name !== undefined)
          .filter((name) => existsSync(join(stylesFolder, `${name}.css`)) && !components.includes(name)),
      );
      if (missing.size > 0) this.error(`web/build/mantine-css.ts lists no styles for ${[...missing].join(', ')}`);
    },
  };
}

function themeVariables(): string {
  const merged = mergeMantineTheme(DEFAULT_THEME, theme);
  const all = deepMerge(defaultCssVariablesResolver(merged), cssVariables(merged));
  return convertCssVariables({ variables: used(all.variables), light: used(all.light), dark: used(all.dark) }, ':root');
}

function used(variables: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !unusedColors.test(name)));
}

function componentStyles(): string {
  return ['baseline', 'global', ...components]
    .map((name) => `@import '@mantine/core/styles/${name}.layer.css';`)
    .join('\n');
}
