/**
 * What the package asks of its host: an object for time and threads, and one for files, which bundles that read none drop. Chosen by the `#platform`
 * import condition, never by sniffing.
 *
 * @module
 */

export interface Files {
  /** The bytes of a file; undefined where no file of that name exists. Rejects when it cannot be read, or where the host has no files. */
  readFile(path: string): Promise<Uint8Array | undefined>;
  /** A file to be read in parts; undefined and rejects as `readFile`. Keeps nothing open. */
  openFile(path: string): Promise<PlatformFile | undefined>;
  /** Replaces a file as a whole, and makes its directory: after a crash it is the old one or the new one. Rejects where the host has no files. */
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  /** An environment variable; undefined when it is not set or the host has none. */
  environment(name: string): string | undefined;
  /** The user's directory for files that can be fetched again; undefined where there is none. */
  cacheDirectory(): string | undefined;
  /** Joins path segments with the host's separator. */
  joinPath(...segments: string[]): string;
}

export interface Platform {
  /** Resolves in a later turn of the event loop, so that timers, input and messages get theirs. */
  macrotask(): Promise<void>;
  /** Cores that threads with shared memory can use; 1, and why, where there can be no such threads. */
  threads(): { cores: number; reason?: string };
  /**
   * Starts a thread that calls a function of (data, post), given as source text. `onMessage` hears what it posts, `onFailure` once why it ended, unless
   * it was stopped. A thread does not keep the program running once it has posted something.
   */
  startThread(source: string, data: unknown, onMessage: (message: unknown) => void, onFailure: (reason: string) => void): Thread;
}

export interface Thread {
  stop(): Promise<void>;
}

export interface PlatformFile {
  /** In bytes, when it was opened. */
  readonly size: number;
  /** Fills each `into` with the bytes from `offset` on, at once. Throws when the file is gone or ends before. */
  read(parts: readonly FilePart[]): void;
}

export interface FilePart {
  offset: number;
  into: Uint8Array;
}
