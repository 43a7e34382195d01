/** All whole numbers of a range, as the choices of a select. */
export function rangeOf({ min, max }: { readonly min: number; readonly max: number }): string[] {
  return Array.from({ length: max - min + 1 }, (_, index) => String(min + index));
}
