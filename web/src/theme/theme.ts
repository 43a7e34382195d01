import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
} from '@mantine/core';

// Shade 7 carries white text and shade 4 black text at 4.5:1 or better, in each of these.
const lagoon: MantineColorsTuple = [
  '#eaf7fb',
  '#d3edf5',
  '#a6dbeb',
  '#74c9e2',
  '#4cb8d9',
  '#2ea9cf',
  '#0e7fa6',
  '#0b6a8b',
  '#085670',
  '#063f53',
];
const red: MantineColorsTuple = [
  '#fef2f2',
  '#fee2e2',
  '#fecaca',
  '#fca5a5',
  '#f87171',
  '#ef4444',
  '#dc2626',
  '#b91c1c',
  '#991b1b',
  '#7f1d1d',
];
const green: MantineColorsTuple = [
  '#f0fdf4',
  '#dcfce7',
  '#bbf7d0',
  '#86efac',
  '#4ade80',
  '#22c55e',
  '#16a34a',
  '#15803d',
  '#166534',
  '#14532d',
];
const yellow: MantineColorsTuple = [
  '#fffbeb',
  '#fef3c7',
  '#fde68a',
  '#fcd34d',
  '#fbbf24',
  '#f59e0b',
  '#d97706',
  '#b45309',
  '#92400e',
  '#78350f',
];
const gray: MantineColorsTuple = [
  '#f7f8fa',
  '#eff1f4',
  '#e3e7ec',
  '#d2d8e0',
  '#b4bcc8',
  '#8a94a3',
  '#6b7584',
  '#535c69',
  '#363d48',
  '#1d222a',
];
const dark: MantineColorsTuple = [
  '#e4e8ee',
  '#c5ccd6',
  '#9ea7b5',
  '#76808f',
  '#414a57',
  '#2b323d',
  '#1f252e',
  '#171b22',
  '#0f1217',
  '#0a0c10',
];

/** How the console looks: its colours, shapes and type, as Mantine's components read them. */
export const theme = createTheme({
  primaryColor: 'lagoon',
  primaryShade: { light: 7, dark: 4 },
  // What stands on a filled ground is white on the dark shade and black on the bright one.
  variantColorResolver(input) {
    const colors = defaultVariantColorsResolver(input);
    return input.variant === 'filled' ? { ...colors, color: 'var(--on-filled)' } : colors;
  },
  colors: { lagoon, red, green, yellow, gray, dark },
  black: '#171b21',
  defaultRadius: 'md',
  respectReducedMotion: true,
  cursorType: 'pointer',
  fontFamily: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, "Cascadia Mono", Consolas, "DejaVu Sans Mono", monospace',
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.3' },
      h2: { fontSize: '1.125rem', lineHeight: '1.4' },
      h3: { fontSize: '1rem', lineHeight: '1.45' },
    },
  },
  components: {
    // The library that locks scrolling writes a <style> element, which the CSP refuses; base.css locks it instead.
    Modal: {
      defaultProps: {
        lockScroll: false,
        centered: true,
        closeButtonProps: { 'aria-label': 'Close' },
        // It is drawn as a <header>, which would be a second one of the page.
        attributes: { header: { role: 'none' } },
      },
    },
    Tooltip: { defaultProps: { openDelay: 300, events: { hover: true, focus: true, touch: false } } },
    // What may be left out says so; all else is needed.
    InputWrapper: { defaultProps: { withAsterisk: false } },
    Paper: { defaultProps: { withBorder: true } },
    Badge: { defaultProps: { variant: 'light', tt: 'none', fw: 600 } },
  },
});

/** The variables that differ from Mantine's own: its dimmed, placeholder and error colours are below 4.5:1 on our grounds. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#566070',
    '--mantine-color-placeholder': '#6b7584',
    '--mantine-color-error': 'var(--mantine-color-red-7)',
    '--mantine-color-success': 'var(--mantine-color-green-7)',
    '--mantine-color-default-border': 'var(--mantine-color-gray-3)',
    '--mantine-color-disabled-color': '#6b7584',
    '--on-filled': 'var(--mantine-color-white)',
    '--mantine-primary-color-contrast': 'var(--on-filled)',
    '--surface-sunken': 'var(--mantine-color-gray-0)',
    '--surface-raised': '#ffffff',
    '--line': 'var(--mantine-color-gray-2)',
    '--accent-text': 'var(--mantine-color-lagoon-7)',
    '--good-text': 'var(--mantine-color-green-7)',
    '--warn-text': 'var(--mantine-color-yellow-7)',
    '--bad-text': 'var(--mantine-color-red-7)',
  },
  dark: {
    '--mantine-color-dimmed': '#9ea7b5',
    '--mantine-color-placeholder': '#8a94a3',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--mantine-color-success': 'var(--mantine-color-green-4)',
    '--mantine-color-disabled-color': '#8a94a3',
    '--on-filled': 'var(--mantine-color-dark-9)',
    '--mantine-primary-color-contrast': 'var(--on-filled)',
    ...lightVariantInDark('lagoon', lagoon),
    ...lightVariantInDark('red', red),
    ...lightVariantInDark('green', green),
    ...lightVariantInDark('yellow', yellow),
    ...lightVariantInDark('gray', gray),
    '--surface-sunken': 'var(--mantine-color-dark-8)',
    '--surface-raised': 'var(--mantine-color-dark-7)',
    '--line': '#262c36',
    '--accent-text': 'var(--mantine-color-lagoon-4)',
    '--good-text': 'var(--mantine-color-green-4)',
    '--warn-text': 'var(--mantine-color-yellow-4)',
    '--bad-text': 'var(--mantine-color-red-4)',
  },
});

/** On dark ground Mantine's light variant is all but black; a tint of the bright shade is seen. */
function lightVariantInDark(name: string, shades: MantineColorsTuple): Record<string, string> {
  return {
    [`--mantine-color-${name}-light`]: `color-mix(in srgb, ${shades[4]} 16%, transparent)`,
    [`--mantine-color-${name}-light-hover`]: `color-mix(in srgb, ${shades[4]} 24%, transparent)`,
    [`--mantine-color-${name}-light-color`]: shades[2] ?? shades[0],
  };
}
