// The model file: what it is, and the way to take it along.
import type { Classifier } from './classifier.js';
import { element, setText, size } from './dom.js';

export class ModelView {
  readonly #classifier: Classifier;
  readonly #download = element<HTMLButtonElement>('download');

  constructor(classifier: Classifier) {
    this.#classifier = classifier;
    this.#download.addEventListener('click', () => this.#save());
  }

  /** `origin`: where the network of the moment is from. */
  show(origin: string): void {
    const { bytes, file } = this.#classifier;
    if (bytes === undefined || file === undefined) return;
    this.#download.disabled = false;
    setText('model-name', origin);
    setText('model-facts', `${size(bytes.length)}, ${size(file.binaryBytes)} of it 1-bit weights; one .safetensors file`);
  }

  #save(): void {
    const { bytes } = this.#classifier;
    if (bytes === undefined) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
    link.download = 'convnet.safetensors';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}
