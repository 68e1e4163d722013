// A picture file as the pixels of a network's input: the largest part of it that has the input's shape, scaled.
import type { ModelFile } from './model-file.js';

/** RGBA, or grey where the network takes one channel; `canvas` shows it. Rejects where the file is no picture. */
export async function picturePixels(file: Blob, canvas: HTMLCanvasElement, input: ModelFile['input']): Promise<Uint8ClampedArray> {
  const { width, height, channels } = input;
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error('the browser cannot read it as a picture');
  });
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const scale = Math.max(width / bitmap.width, height / bitmap.height);
  const [w, h] = [scale * bitmap.width, scale * bitmap.height];
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, (width - w) / 2, (height - h) / 2, w, h);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  if (channels === 3) return data;
  const grey = new Uint8ClampedArray(width * height);
  for (let i = 0; i < grey.length; i++) grey[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
  return grey;
}
