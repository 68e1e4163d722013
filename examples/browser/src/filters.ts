// The first layer's filters, one tile each.
import type { Filters } from './model-file.js';
import { color } from './theme.js';

/** Least space between tiles, and the side that they have about, in CSS pixels. */
const GAP = 5;
const TILE = 26;

/** Grey filters: one colour for weights above zero, another below, as strong as the weight. Coloured ones show their own colours. */
export function drawFilters(canvas: HTMLCanvasElement, { count, side, channels, values }: Filters, width: number): void {
  const ratio = devicePixelRatio;
  const fitting = Math.max(4, Math.floor((width + GAP) / (TILE + GAP)));
  const columns = Math.min(count, 2 ** Math.floor(Math.log2(fitting)));
  const cell = Math.max(1, Math.floor(((width + GAP) / columns - GAP) * (ratio / side)));
  const tile = cell * side;
  const gap = Math.max(1, Math.floor((width * ratio - columns * tile) / Math.max(1, columns - 1)));
  const rows = Math.ceil(count / columns);
  canvas.width = columns * (tile + gap) - gap;
  canvas.height = rows * (tile + gap) - gap;
  canvas.style.width = `${canvas.width / ratio}px`;
  const context = canvas.getContext('2d')!;
  const [positive, negative, back] = [color('--positive'), color('--negative'), color('--tile')];
  const each = side * side * channels;
  for (let f = 0; f < count; f++) {
    const left = (f % columns) * (tile + gap);
    const top = Math.floor(f / columns) * (tile + gap);
    let max = 1e-9;
    for (let i = 0; i < each; i++) max = Math.max(max, Math.abs(values[f * each + i]));
    context.globalAlpha = 1;
    context.fillStyle = back;
    context.fillRect(left, top, tile, tile);
    for (let i = 0; i < side * side; i++) {
      const at = f * each + i * channels;
      const level = (c: number): number => Math.round(127.5 * (1 + values[at + c] / max));
      if (channels === 1) {
        context.globalAlpha = Math.abs(values[at]) / max;
        context.fillStyle = values[at] < 0 ? negative : positive;
      } else context.fillStyle = `rgb(${level(0)} ${level(1)} ${level(2)})`;
      context.fillRect(left + (i % side) * cell, top + Math.floor(i / side) * cell, cell, cell);
    }
  }
}
