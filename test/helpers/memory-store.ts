// Checkpoints in memory.
import type { CheckpointStore } from '../../src/train.js';

export class MemoryStore implements CheckpointStore {
  readonly name = 'memory';
  readonly files: Map<string, Uint8Array> = new Map();
  read(file: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.files.get(file));
  }
  write(file: string, bytes: Uint8Array): Promise<void> {
    this.files.set(file, bytes.slice());
    return Promise.resolve();
  }
  text(file: string): string {
    return new TextDecoder().decode(this.files.get(file));
  }
}
