// CPU time of another process, on Linux: wall time of a request says little on a busy machine, and workerd stops its clocks within one.
import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds that the main thread of a process has run, and all others together; undefined where the system does not say. */
export function cpuTime(pid: number): { main: number; others: number } | undefined {
  try {
    const times = { main: 0, others: 0 };
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      // The first number of schedstat: nanoseconds on a processor.
      const nanoseconds = Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
      times[task === String(pid) ? 'main' : 'others'] += nanoseconds / 1e6;
    }
    return times;
  } catch {
    return undefined;
  }
}
