// One task, all contestants in turn: every peer is in a process of its own and only one works at a time, so that a slow moment hits all of them.
import { summarize } from '../harness.mjs';
import { Checker, checkLoss } from './check.mjs';

/**
 * A turn repeats short calls for about this long, and is one sample: their mean. On a busy machine a single short call would fit between two
 * interruptions, which a long one cannot.
 */
const TURN_MS = 100;
/** Calls are repeated at least this long before anything is timed: compilers warm up. */
const WARM_MS = 400;

const significant = (value) => Number(value.toPrecision(4));
/** The processor's time is the sum of all threads, so that with several only the clock says what a call takes. */
const times = (ms, cpuMs, threads = 1) => ({
  ms: significant(ms),
  cpuMs: significant(cpuMs),
  coreMs: significant(threads > 1 ? ms : Math.min(ms, cpuMs)),
});

/**
 * `peers`: name -> function that starts a Participant. `rounds`: turns of each contestant at most; `budgetMs`: what all of its turns may take;
 * `onceMs`: a first call of this length is the measurement. Returns a row per contestant, times per call: ms (by
 * the clock, median of its turns), bestMs, spread, cpuMs (of the processor, median), coreMs (of one thread the smaller of both: on a busy machine the
 * processor's, else they are the same; of several threads the clock); or the error it gave.
 */
export async function conduct(task, peers, { rounds, budgetMs, onceMs }) {
  const checker = new Checker(task);
  const participants = [];
  const contestants = [];
  try {
    for (const [peer, start] of Object.entries(peers)) {
      const participant = start();
      participants.push(participant);
      try {
        await participant.ready();
        const list = await participant.call('prepare', { task });
        for (const [index, { name, what, check, threads, compiles = false }] of list.entries()) {
          const contestant = { participant, index, check, row: { name, what, ...(threads === undefined ? {} : { threads }) } };
          contestants.push(await warmUp(contestant, checker, compiles ? Number.POSITIVE_INFINITY : onceMs));
        }
      } catch ({ message }) {
        contestants.push({ row: { name: peer, error: message } });
      }
    }
    const turns = contestants.filter(({ row }) => row.error === undefined && !row.once);
    for (const contestant of turns) {
      contestant.clockTimes = [];
      contestant.cpuTimes = [];
      contestant.calls = Math.max(1, Math.min(1000, Math.round(TURN_MS / contestant.lastMs)));
      contestant.rounds = Math.max(1, Math.min(rounds, Math.floor(budgetMs / (contestant.calls * contestant.lastMs))));
    }
    for (let round = 0; round < rounds; round++) {
      for (const contestant of turns) {
        // Those with fewer turns take them at even distances.
        const due = (n) => Math.floor((n * contestant.rounds) / rounds);
        if (due(round + 1) > due(round)) await turn(contestant);
      }
    }
    for (const contestant of contestants) await finish(contestant);
  } finally {
    for (const participant of participants) participant.end();
  }
  return contestants.map(({ row }) => row);
}

/** First call, check of its result, then calls until everything is compiled. */
async function warmUp(contestant, checker, onceMs) {
  const { participant, index, check, row } = contestant;
  try {
    const { ms: firstMs, cpuMs } = await participant.call('run', { index, times: 1 });
    contestant.lastMs = firstMs;
    contestant.steps = 1;
    row.firstMs = significant(firstMs);
    if (check === undefined) contestant.firstLoss = await participant.call('loss', { index });
    else checker.check(check, await participant.call('output', { index }));
    if (firstMs >= onceMs) Object.assign(row, { once: true, ...times(firstMs, cpuMs, row.threads) });
    for (let ms = 0; ms < WARM_MS && !row.once; ms += contestant.lastMs) {
      ({ ms: contestant.lastMs } = await participant.call('run', { index, times: 1 }));
      contestant.steps++;
    }
  } catch ({ message }) {
    row.error = message;
  }
  return contestant;
}

async function turn(contestant) {
  const { participant, index, calls, clockTimes, cpuTimes, row } = contestant;
  if (row.error !== undefined) return;
  try {
    const { ms, cpuMs } = await participant.call('run', { index, times: calls });
    clockTimes.push(ms);
    cpuTimes.push(cpuMs);
    contestant.steps += calls;
  } catch ({ message }) {
    row.error = message;
  }
}

async function finish({ participant, index, check, row, clockTimes, cpuTimes, calls, steps, firstLoss }) {
  try {
    if (row.error === undefined && check === undefined) {
      const loss = await participant.call('loss', { index });
      row.loss = { first: significant(firstLoss), last: significant(loss), steps };
      checkLoss(firstLoss, loss, steps);
    }
  } catch ({ message }) {
    row.error = message;
  }
  if (row.error !== undefined || row.once) return;
  const { median, best, spread } = summarize(clockTimes);
  Object.assign(row, {
    ...times(median, summarize(cpuTimes).median, row.threads),
    bestMs: significant(best),
    spread: Number(spread.toFixed(2)),
    turns: clockTimes.length,
    callsPerTurn: calls,
  });
}
