export interface Size {
  /** Bytes of the application, minified and gzipped. */
  gzip: number;
  /** Minified bytes by module. */
  modules: Record<string, number>;
}
export const APPS: Record<string, { limit?: number; code: string }>;
export function measure(): Promise<Record<string, Size>>;
export function recorded(): Record<string, Size>;
export function changes(now: Size, before: Size): string[];
