import decodeQR from 'qr/decode.js';

const sides = [1600, 900, 500];
const searchMs = 400;

/** The text of the QR code in a picture; nothing when there is none that can be read. */
export async function readQrPicture(file: Blob): Promise<string | undefined> {
  const picture = await createImageBitmap(file);
  try {
    // A photograph is often read better when it is small; a picture of many modules when it is large.
    for (const side of sides) {
      const text = readQr(picture, picture.width, picture.height, side);
      if (text !== undefined) return text;
    }
    return undefined;
  } finally {
    picture.close();
  }
}

/** The text of the QR code in what a camera shows now. */
export function readQrFrame(video: HTMLVideoElement): string | undefined {
  if (video.videoWidth === 0) return undefined;
  return readQr(video, video.videoWidth, video.videoHeight, 800);
}

function readQr(source: CanvasImageSource, width: number, height: number, side: number): string | undefined {
  const scale = Math.min(1, side / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return undefined;
  // A transparent picture is read as one on white.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  try {
    return decodeQR({ width: canvas.width, height: canvas.height, data }, { timeLimit: searchMs });
  } catch {
    // The reader's way to say that there is no code in it.
    return undefined;
  }
}
