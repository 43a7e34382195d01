/**
 * One record of RFC 4180, with its line end. Text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP,
 * “CSV Injection”): what a stranger sent as user agent stays text.
 */
export function csvRecord(fields: readonly (string | null)[]): string {
  return `${fields.map(csvField).join(',')}\r\n`;
}

function csvField(field: string | null): string {
  if (field === null) return '';
  const isFormula = /^[\s\p{C}]*[=+\-@＝＋－＠]|^[\t\r\n]/u.test(field);
  return `"${isFormula ? "'" : ''}${field.replaceAll('"', '""')}"`;
}
