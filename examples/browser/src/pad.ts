// The canvas to draw on: strokes of mouse, finger or pen, and of the keyboard.
import { color, onThemeChange } from './theme.js';

/** Sides of the drawing's own coordinates; the canvas may be any size. */
const SIDE = 280;
const PEN = 22;
/** A point nearer than this to the one before is a trembling hand. */
const NEAR = 2;
const KEY_STEP = 10;

export class Pad {
  strokes: number[][] = [];
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #changed: () => void;
  /** Where the keyboard's pen is, and whether it is down; undefined until it is used. */
  #pen: { x: number; y: number; down: boolean } | undefined;

  /** `changed` hears of every new point. */
  constructor(element: HTMLElement, changed: () => void) {
    const canvas = element.querySelector('canvas')!;
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d')!;
    this.#changed = changed;
    canvas.addEventListener('pointerdown', (event) => this.#down(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    element.addEventListener('keydown', (event) => this.#key(event));
    element.addEventListener('blur', () => {
      this.#pen = undefined;
      this.#draw();
    });
    new ResizeObserver(() => this.#resize()).observe(canvas);
    onThemeChange(() => this.#draw());
  }

  get isEmpty(): boolean {
    return this.strokes.length === 0;
  }

  clear(): void {
    this.#set([]);
  }

  undo(): void {
    this.#set(this.strokes.slice(0, -1));
  }

  #set(strokes: number[][]): void {
    this.strokes = strokes;
    this.#draw();
    this.#changed();
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pen = undefined;
    this.strokes.push([]);
    this.#point(...this.#place(event));
  }

  #move(event: PointerEvent): void {
    if (!this.#canvas.hasPointerCapture(event.pointerId)) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length > 0 ? events : [event]) this.#point(...this.#place(each));
  }

  #place({ clientX, clientY }: PointerEvent): [number, number] {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return [((clientX - left) / width) * SIDE, ((clientY - top) / height) * SIDE];
  }

  #point(x: number, y: number): void {
    const stroke = this.strokes[this.strokes.length - 1];
    const [lastX, lastY] = stroke.slice(-2);
    if (stroke.length > 0 && Math.abs(x - lastX) < NEAR && Math.abs(y - lastY) < NEAR) return;
    stroke.push(x, y);
    this.#draw();
    this.#changed();
  }

  #key(event: KeyboardEvent): void {
    const directions: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const direction = directions[event.key];
    if (direction === undefined && ![' ', 'Backspace', 'Delete', 'Escape'].includes(event.key)) return;
    event.preventDefault();
    if (event.key === 'Backspace') this.undo();
    else if (event.key === 'Delete' || event.key === 'Escape') this.clear();
    else this.#movePen(direction);
  }

  /** Without a direction the pen is lowered, or lifted. */
  #movePen(direction: [number, number] | undefined): void {
    const pen = this.#pen ?? { x: SIDE / 2, y: SIDE / 4, down: false };
    this.#pen = pen;
    if (direction === undefined) {
      pen.down = !pen.down;
      if (pen.down) {
        this.strokes.push([]);
        this.#point(pen.x, pen.y);
      }
    } else {
      pen.x = Math.min(Math.max(pen.x + KEY_STEP * direction[0], PEN), SIDE - PEN);
      pen.y = Math.min(Math.max(pen.y + KEY_STEP * direction[1], PEN), SIDE - PEN);
      if (pen.down) this.#point(pen.x, pen.y);
    }
    this.#draw();
  }

  #resize(): void {
    const side = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    if (this.#canvas.width === side || side === 0) return;
    this.#canvas.width = side;
    this.#canvas.height = side;
    this.#draw();
  }

  #draw(): void {
    const { width } = this.#canvas;
    const context = this.#context;
    context.setTransform(width / SIDE, 0, 0, width / SIDE, 0, 0);
    context.clearRect(0, 0, SIDE, SIDE);
    context.lineWidth = PEN;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.strokeStyle = color('--ink');
    for (const [x, y, ...rest] of this.strokes) {
      context.beginPath();
      context.moveTo(x, y);
      if (rest.length === 0) context.lineTo(x, y);
      for (let i = 0; i < rest.length; i += 2) context.lineTo(rest[i], rest[i + 1]);
      context.stroke();
    }
    if (this.#pen === undefined) return;
    context.lineWidth = 2;
    context.strokeStyle = color('--accent');
    context.beginPath();
    context.arc(this.#pen.x, this.#pen.y, PEN / 2 + (this.#pen.down ? 0 : 4), 0, 2 * Math.PI);
    context.stroke();
  }
}
