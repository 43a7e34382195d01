/** Saves a text as a file of the person’s. */
export function downloadText(name: string, type: string, parts: readonly string[]): void {
  const url = URL.createObjectURL(new Blob([...parts], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by then; it is not kept in memory for as long as the page is open.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
