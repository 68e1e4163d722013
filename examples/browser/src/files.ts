// Files that are chosen or dropped anywhere on the page: data sets, model files, pictures.
import { element } from './dom.js';

export interface FileHandlers {
  model(file: File): void | Promise<void>;
  picture(file: File): void | Promise<void>;
  data(files: readonly File[]): void | Promise<void>;
  begun(): void;
  failed(message: string): void;
}

/** More than any file of the known data sets holds (CIFAR-100: 154 MB), less than a page should try to hold. */
const MAX_BYTES = 512e6;

export function setUpFiles(handlers: FileHandlers): void {
  const take = async (files: readonly File[], kind?: 'model' | 'picture' | 'data'): Promise<void> => {
    if (files.length === 0) return;
    handlers.begun();
    const [first] = files;
    try {
      const large = files.find(({ size }) => size > MAX_BYTES);
      if (large !== undefined) throw new Error(`it has ${Math.round(large.size / 1e6)} MB, expected at most ${MAX_BYTES / 1e6} MB`);
      const found = kind ?? kindOf(files);
      if (found === 'model') await handlers.model(first);
      else if (found === 'picture') await handlers.picture(first);
      else await handlers.data(files);
    } catch (error) {
      handlers.failed(`${first.name}: ${error instanceof Error ? error.message : error}`);
    }
  };
  for (const kind of ['data', 'model', 'picture'] as const) {
    const input = element<HTMLInputElement>(`${kind}-files`);
    element(`choose-${kind}`).addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      const files = [...(input.files ?? [])];
      input.value = ''; // so that the same file can be chosen again
      take(files, kind);
    });
  }
  setUpDrop((files) => take(files));
}

function kindOf([file]: readonly File[]): 'model' | 'picture' | 'data' {
  if (file.name.endsWith('.safetensors')) return 'model';
  return file.type.startsWith('image/') ? 'picture' : 'data';
}

function setUpDrop(drop: (files: File[]) => void): void {
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
  const mark = (over: boolean): void => {
    document.body.classList.toggle('dropping', over);
  };
  document.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    mark(true);
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) mark(false);
  });
  document.addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    mark(false);
    drop([...(event.dataTransfer?.files ?? [])]);
  });
}
