import encodeQR from 'qr';

/** What the camera of the browser sees. */
export const cameraUri = 'otpauth://totp/Camera:seen?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Camera';

const width = 640;
const height = 480;

/** One frame with a QR code in it, as the YUV4MPEG2 file that Chromium takes for its fake camera. */
export function cameraPicture(): Buffer {
  const modules = encodeQR(cameraUri, 'raw', { border: 4 });
  const scale = Math.floor(height / modules.length);
  const luma = Buffer.alloc(width * height, 235);
  for (const [row, cells] of modules.entries())
    for (const [column, isDark] of cells.entries()) {
      if (!isDark) continue;
      for (let line = 0; line < scale; line++) luma.fill(16, ...span((row * scale + line) * width + column * scale));
    }
  const chroma = Buffer.alloc((width * height) / 2, 128);
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\nFRAME\n`), luma, chroma]);

  function span(start: number): [number, number] {
    return [start, start + scale];
  }
}
