import decodeQR from 'qr/decode.js';

/** The dark modules that a viewer of an SVG of `qrSvg` would paint, as `x,y`. */
export function darkModules(svg: string): Set<string> {
  const path = /stroke="#000" d="([^"]*)"/.exec(svg)?.[1] ?? '';
  const dark = new Set<string>();
  let [x, y] = [0, 0];
  for (const [, command, first, second, width] of path.matchAll(/([Mm])(\d+) (\d+)(?:\.5)?h(\d+)/g)) {
    [x, y] = command === 'M' ? [Number(first), Number(second)] : [x + Number(first), y + Number(second)];
    for (const end = x + Number(width); x < end; x += 1) dark.add(`${x},${y}`);
  }
  return dark;
}

/** What a camera reads that sees the picture, three pixels a module. */
export function scanQrSvg(svg: string): string {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const dark = darkModules(svg);
  const scale = 3;
  const width = size * scale;
  const data = new Uint8Array(width * width * 4).fill(255);
  for (let y = 0; y < width; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const isDark = dark.has(`${Math.floor(x / scale)},${Math.floor(y / scale)}`);
      if (isDark) data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return decodeQR({ width, height: width, data });
}
