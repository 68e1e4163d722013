// Something for the network to read: a digit drawn by hand, or a picture where it takes other images.
import { strokeImage } from 'bitgauss/data';
import type { Classifier } from './classifier.js';
import { element, setText } from './dom.js';
import type { ModelFile } from './model-file.js';
import { Pad } from './pad.js';
import { picturePixels } from './picture.js';
import { showPrediction } from './prediction-view.js';

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
/** Side of what `strokeImage` draws. */
const SIDE = 28;

export class Playground {
  readonly #classifier: Classifier;
  readonly #seen = element<HTMLCanvasElement>('seen');
  readonly #pad: Pad;
  #picture: File | undefined;
  #due = false;
  #reading = false;

  constructor(classifier: Classifier) {
    this.#classifier = classifier;
    this.#pad = new Pad(element('pad'), () => this.update());
    element('clear').addEventListener('click', () => this.#pad.clear());
    element('undo').addEventListener('click', () => this.#pad.undo());
    this.update();
  }

  /** Rejects where the file is no picture, or the network of the moment takes none. */
  async classifyPicture(file: File): Promise<void> {
    const input = this.#classifier.file?.input;
    if (input === undefined) throw new Error('there is no network yet to classify it: train one, or load one');
    if (takesDrawings(input)) throw new Error('this network reads drawings: draw on the canvas');
    await picturePixels(file, this.#seen, input);
    this.#picture = file;
    const image = element<HTMLImageElement>('picture');
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(file);
    image.hidden = false;
    this.update();
  }

  /** Reads what is there with the network of the moment: at most once a frame, and not before the last answer is there. */
  async update(): Promise<void> {
    this.#due = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#due) {
        await new Promise(requestAnimationFrame);
        this.#due = false;
        await this.#read();
      }
    } finally {
      this.#reading = false;
    }
  }

  async #read(): Promise<void> {
    const { file } = this.#classifier;
    const drawing = file === undefined || takesDrawings(file.input);
    element('draw-mode').hidden = !drawing;
    element('picture-mode').hidden = drawing;
    setText('play-title', drawing ? 'Draw a digit' : 'Classify a picture');
    const pixels = drawing ? this.#drawn() : await this.#pictured(file.input);
    if (file !== this.#classifier.file) return; // another network came, and with it another call
    showPrediction(pixels && (await this.#classifier.classify(pixels)), file?.labels ?? DIGITS);
    if (pixels !== undefined && file === undefined) setText('sureness', 'no network yet: train one, or load one');
  }

  /** What is drawn; undefined where nothing is. */
  #drawn(): Uint8Array | undefined {
    const { strokes } = this.#pad;
    element('pad-hint').hidden = strokes.length > 0;
    const pixels = strokeImage(strokes);
    this.#seen.width = SIDE;
    this.#seen.height = SIDE;
    const image = new ImageData(SIDE, SIDE);
    pixels.forEach((value, i) => {
      image.data.set([value, value, value, 255], 4 * i);
    });
    this.#seen.getContext('2d')!.putImageData(image, 0, 0);
    return strokes.length > 0 ? pixels : undefined;
  }

  async #pictured(input: ModelFile['input']): Promise<Uint8ClampedArray | undefined> {
    return this.#picture && picturePixels(this.#picture, this.#seen, input);
  }
}

function takesDrawings({ height, width, channels }: ModelFile['input']): boolean {
  return height === SIDE && width === SIDE && channels === 1;
}
