// CPU time of another process, on Linux: wall time of a request says little on a busy machine, and workerd stops its clocks within one.
import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds that all threads of a process have run; undefined where the system does not say. */
export function cpuTime(pid: number): number | undefined {
  try {
    // The first number of schedstat: nanoseconds on a processor.
    const nanoseconds = readdirSync(`/proc/${pid}/task`).map((task) =>
      Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
    );
    return nanoseconds.reduce((sum, n) => sum + n, 0) / 1e6;
  } catch {
    return undefined;
  }
}
