// ISO/IEC 18004: the quiet zone is four modules wide.
const quietZone = 4;

// Version 40 in byte mode holds 2,331 bytes at level M and 2,953 at level L.
const bytesAtLevelM = 2331;

/**
 * The QR code of a text as an SVG element that needs no style and no script, so that any CSP lets it through. Error
 * correction M; the longest otpauth URIs (64 + 128 characters of three bytes each) fit only with L. Throws beyond that.
 */
export async function qrSvg(text: string): Promise<string> {
  // Its tables are made where a picture is asked for, not at every cold start.
  const { default: encodeQR } = await import('qr');
  const ecc = Buffer.byteLength(text) <= bytesAtLevelM ? 'medium' : 'low';
  const rows = encodeQR(text, 'raw', { ecc, border: quietZone });
  const size = rows.length;
  // A stroke along the middle of each row: a third of the text that a rectangle for each run would be.
  const path = rows.map((row, y) => {
    let pen = 0;
    const strokes = darkRuns(row).map(([x, width]) => {
      const stroke = pen === 0 ? `M${x} ${y}.5h${width}` : `m${x - pen} 0h${width}`;
      pen = x + width;
      return stroke;
    });
    return strokes.join('');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" role="img" aria-label="QR code"`,
    ' shape-rendering="crispEdges">',
    `<path fill="#fff" d="M0 0h${size}v${size}h-${size}z"/>`,
    `<path stroke="#000" d="${path.join('')}"/>`,
    '</svg>',
  ].join('');
}

/** The dark stretches of a row as start and width. */
function darkRuns(row: readonly boolean[]): [number, number][] {
  const runs: [number, number][] = [];
  row.forEach((isDark, x) => {
    const last = runs.at(-1);
    if (!isDark) return;
    if (last && last[0] + last[1] === x) last[1] += 1;
    else runs.push([x, 1]);
  });
  return runs;
}
