import type { Page } from 'playwright-core';
import decodeQR from 'qr/decode.js';

/** What a phone reads from the QR code on the screen whose description begins like that. */
export async function scan(page: Page, description: string): Promise<string> {
  await page.getByRole('img', { name: description }).waitFor();
  const { side, data } = await page.evaluate<{ side: number; data: number[] }>(
    `(async () => {
       const image = document.querySelector('img[alt^="' + ${JSON.stringify(description)} + '"]');
       await image.decode();
       const canvas = new OffscreenCanvas(image.width, image.width);
       const context = canvas.getContext('2d');
       context.drawImage(image, 0, 0, image.width, image.width);
       return { side: image.width, data: [...context.getImageData(0, 0, image.width, image.width).data] };
     })()`,
  );
  return decodeQR({ width: side, height: side, data: Uint8ClampedArray.from(data) });
}
