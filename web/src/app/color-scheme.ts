import { localStorageColorSchemeManager, useMantineColorScheme } from '@mantine/core';

/** Keeps the choice where `public/color-scheme.js` reads it before the first paint. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: 'color-scheme' });

/** The chosen colours and how to choose others. Mantine would silence transitions by a <style> element, which the CSP refuses. */
export function useColorSchemeChoice() {
  return useMantineColorScheme({ keepTransitions: true });
}
