// The tile picture of the first layer, redrawn when the network, the width or the colours change.
import { element, setText } from './dom.js';
import { drawFilters } from './filters.js';
import type { Filters } from './model-file.js';
import { onThemeChange } from './theme.js';

export class FilterView {
  readonly #canvas = element<HTMLCanvasElement>('filters');
  #filters: Filters | undefined;

  constructor() {
    onThemeChange(() => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(element('filters-box'));
  }

  show(filters: Filters | undefined): void {
    this.#filters = filters;
    this.#canvas.hidden = filters === undefined;
    element('filters-empty').hidden = filters !== undefined;
    if (filters === undefined) {
      setText('filters-note', '');
      setText('filters-empty', 'This network does not begin with a convolution of pixels');
      return;
    }
    const { count, side, channels } = filters;
    const text = `${count} filters of ${side} × ${side}${channels === 3 ? ' in colour' : ''}`;
    setText('filters-note', text);
    this.#canvas.setAttribute('aria-label', text);
    this.#draw();
  }

  #draw(): void {
    if (this.#filters !== undefined) drawFilters(this.#canvas, this.#filters, element('filters-box').clientWidth);
  }
}
