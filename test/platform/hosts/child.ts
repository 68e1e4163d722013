/**
 * Programs that are started and end, or are ended, with everything that they started.
 *
 * @module
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import process from 'node:process';

/** A run that takes longer is an error, ms. */
export const LIMIT_MS = 180_000;

/** Groups that run. They would outlive this process: a key that interrupts it does not reach them. */
const running = new Set<number>();
process.on('exit', () => {
  for (const leader of running) signalGroup(leader);
});

export interface Child {
  readonly process: ChildProcess;
  /** What it wrote to its error stream, for messages. */
  errors(): string;
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>;
  /** Ends it and its own children, and waits until it is gone. */
  stop(): Promise<void>;
}

export function start(executable: string, args: readonly string[], options: SpawnOptions = {}): Child {
  // A group of its own, so that one signal reaches everything.
  const group = process.platform !== 'win32';
  const child = spawn(executable, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: group, ...options });
  let text = '';
  child.stderr?.on('data', (data) => {
    text = `${text}${data}`.slice(-4000);
  });
  if (group && child.pid !== undefined) running.add(child.pid);
  let gone = false;
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      gone = true;
      running.delete(child.pid!);
      resolve(code);
    });
  });
  ended.catch(() => {}); // whoever awaits it hears of it
  return {
    process: child,
    errors: () => text.trim(),
    ended,
    async stop() {
      if (!gone && child.pid !== undefined) {
        if (group) signalGroup(child.pid);
        else child.kill('SIGKILL');
      }
      await ended.catch(() => {});
    },
  };
}

/** The leader may have ended before its children; they, too, may be gone by now. */
function signalGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as { code?: string }).code !== 'ESRCH') throw error;
  }
}

/** The promise, or an error when it takes too long; `work` says what. */
export async function within<T>(promise: Promise<T>, work: string, limitMs: number = LIMIT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${work}: no answer within ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
