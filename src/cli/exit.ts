/**
 * How a command ends early: one line for the user and an exit code.
 *
 * @module
 */

export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

export class Exit extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The text of a system error without its stack: `no such file or directory`. */
export function reason(error: unknown): string {
  const { code } = error as { code?: string };
  const known: Record<string, string> = {
    ENOENT: 'no such file or directory',
    EACCES: 'permission denied',
    EPERM: 'operation not permitted',
    EEXIST: 'a file of that name is in the way',
    EISDIR: 'it is a directory',
    ENOTDIR: 'part of the path is not a directory',
    EROFS: 'read-only file system',
    ELOOP: 'too many symbolic links',
    EFBIG: 'the file would be too large',
    ENOSPC: 'no space left on the device',
  };
  return known[code ?? ''] ?? (error instanceof Error ? error.message : String(error));
}
