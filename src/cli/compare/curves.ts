/**
 * Validation accuracy over epochs as a picture: one line per row of the table, named where it ends.
 *
 * @module
 */
import type { Row } from './table.js';

const [WIDTH, HEIGHT] = [860, 480];
const AREA = { left: 56, top: 28, right: 620, bottom: 430 };
/** Colours that differ in print and for the colour-blind (Okabe and Ito); lines beyond them are dashed. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#777777'];

/** SVG, with its own light ground. Rows without a curve are left out. */
export function curvesSvg(rows: readonly Row[]): string {
  const drawn = rows.filter(({ curve }) => curve.length > 0);
  const points = drawn.flatMap(({ curve }) => curve);
  const epochs = Math.max(2, ...points.map(([epoch]) => epoch));
  const [low, high, step] = axis(points.map(([, accuracy]) => 100 * accuracy));
  const x = (epoch: number): number => AREA.left + ((epoch - 1) / (epochs - 1)) * (AREA.right - AREA.left);
  const y = (percent: number): number => AREA.bottom - ((percent - low) / (high - low)) * (AREA.bottom - AREA.top);
  const every = Math.ceil(epochs / 12);
  const grid: string[] = [];
  for (let tick = low; tick <= high + step / 2; tick += step)
    grid.push(
      `<path d="M${AREA.left} ${fixed(y(tick))}H${AREA.right}" stroke="#ddd"/>`,
      label(AREA.left - 8, y(tick) + 4, `${Number(tick.toFixed(2))} %`, 'text-anchor="end"'),
    );
  for (let epoch = 1; epoch <= epochs; epoch += every) grid.push(label(x(epoch), AREA.bottom + 20, String(epoch), 'text-anchor="middle"'));
  const names = spaced(
    drawn.map(({ curve }) => y(100 * (curve.at(-1)?.[1] ?? 0)) + 4),
    15,
  );
  const lines = drawn.flatMap(({ spec, curve }, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const dash = ['', ' stroke-dasharray="6 3"', ' stroke-dasharray="2 3"'][Math.floor(i / COLOURS.length) % 3];
    const path = curve.map(([epoch, accuracy]) => `${fixed(x(epoch))} ${fixed(y(100 * accuracy))}`).join('L');
    return [
      `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="1.8"${dash}/>`,
      `<path d="M${AREA.right + 8} ${fixed(names[i] - 4)}h22" stroke="${colour}" stroke-width="1.8"${dash}/>`,
      label(AREA.right + 36, names[i], spec, ''),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...grid,
    label(AREA.left, 16, 'validation accuracy of the mode, mean over seeds', ''),
    label(AREA.right, AREA.bottom + 38, 'epochs', 'text-anchor="end"'),
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

/** Lowest and highest tick around the values, and the distance of ticks: 1, 2 or 5 times a power of ten. */
function axis(values: readonly number[]): [number, number, number] {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const rough = Math.max(0.01, (max - min) / 6);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  return [Math.floor(min / step) * step, Math.max(Math.ceil(max / step), Math.floor(min / step) + 1) * step, step];
}

/** The heights, moved apart where they are closer than `distance`, in their order. */
function spaced(heights: readonly number[], distance: number): number[] {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a] - heights[b]);
  const result = [...heights];
  order.forEach((i, rank) => {
    if (rank > 0) result[i] = Math.max(result[i], result[order[rank - 1]] + distance);
  });
  let limit = AREA.bottom + 10;
  for (const i of order.reverse()) {
    result[i] = Math.min(result[i], limit);
    limit = result[i] - distance;
  }
  return result;
}

function label(x: number, y: number, text: string, attributes: string): string {
  const safe = text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<text x="${fixed(x)}" y="${fixed(y)}" fill="#333" ${attributes}>${safe}</text>`;
}

function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}
