// Runs one peer in a process of its own: node child.mjs <peer>. Answers the calls of participant.mjs, one at a time.
const peer = await import(`./peers/${process.argv[2]}.mjs`);
let contestants = [];

const calls = {
  versions: () => peer.versions(),
  /** Makes what takes part in the task; what it is, in words. */
  async prepare({ task }) {
    contestants = await peer.prepare(task);
    return contestants.map(({ name, what, check, threads }) => ({ name, what, check, threads }));
  },
  /** Calls a contestant `times` times; ms per call, by the clock and of the processor. */
  async run({ index, times }) {
    const contestant = contestants[index];
    const before = process.cpuUsage();
    const start = performance.now();
    for (let i = 0; i < times; i++) await contestant.run();
    const ms = performance.now() - start;
    const { user, system } = process.cpuUsage(before);
    return { ms: ms / times, cpuMs: (user + system) / 1000 / times };
  },
  /** What the last call computed, in the order [H][W][C] or [row][column]. */
  output: ({ index }) => contestants[index].output(),
  /** The loss of the last training step. */
  loss: ({ index }) => contestants[index].loss(),
};

process.on('message', async ({ call, ...parameters }) => {
  try {
    process.send({ value: await calls[call](parameters) });
  } catch (error) {
    process.send({ error: error instanceof Error ? error.message : String(error) });
  }
});
process.send({ value: 'ready' });
