// How long the tasks of the page's own thread are, from the browser's trace.
import type { Buffer } from 'node:buffer';
import { cpus } from 'node:os';
import type { Browser, CDPSession, Page } from 'playwright-core';

export interface TaskReport {
  /** Tasks above 50 ms: how long they took, and how much of it the processor worked on them, ms. */
  long: { wall: number; cpu: number }[];
  /** Share of the processors' time that went to programs outside the browser, 0..1. */
  elsewhere: number;
}

const LONG = 50;
/** From this share on the machine is not the browser's: how long a task takes says more about the others than about the page. */
const SHARED = 0.15;

/** Tasks that the page is to blame for: above 50 ms by the clock, or, on a machine that others use as well, by the processor's time. */
export function tooLong({ long, elsewhere }: TaskReport): TaskReport['long'] {
  return elsewhere < SHARED ? long : long.filter(({ cpu }) => cpu > LONG);
}

/** Begins to watch; what it returns ends it. */
export async function watchTasks(browser: Browser, page: Page): Promise<() => Promise<TaskReport>> {
  const session = await browser.newBrowserCDPSession();
  const before = await usage(session);
  await browser.startTracing(page, { categories: ['rail', 'disabled-by-default-devtools.timeline'] });
  return async () => {
    const trace = await browser.stopTracing();
    const after = await usage(session);
    await session.detach();
    const [total, own] = [after.total - before.total, after.browser - before.browser];
    const busy = after.busy - before.busy;
    return { long: longTasks(trace), elsewhere: Math.max(0, busy - own) / total };
  };
}

/** Seconds since the start: of all processors, of those the busy ones, and of those the browser's. */
async function usage(session: CDPSession): Promise<{ total: number; busy: number; browser: number }> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const browser = processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  const times = cpus().map(({ times }) => times);
  const total = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0) / 1000;
  return { total, busy: total - times.reduce((sum, { idle }) => sum + idle, 0) / 1000, browser };
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds: length, and of it the thread's own. */
  dur?: number;
  tdur?: number;
  args: { name?: string };
}

function longTasks(trace: Buffer): TaskReport['long'] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const threads = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const main = new Set(threads.map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traceEvents.filter(({ name, ph, pid, tid }) => name === 'RunTask' && ph === 'X' && main.has(`${pid} ${tid}`));
  if (tasks.length === 0) throw new Error('trace: got no tasks of the page, expected some: the browser names them differently');
  return tasks.map(({ dur = 0, tdur = 0 }) => ({ wall: dur / 1000, cpu: tdur / 1000 })).filter(({ wall }) => wall > LONG);
}
