// Measures cold starts: milliseconds from the start of a process to its first answer, and how many of them the runtime takes to do nothing.
//   node cold-start.js [node] [deno] [bun]        DENO and BUN say where the commands are, if not on the path; RUNS how many of each, 15 by default
import { spawnSync } from 'node:child_process';
import { encode } from 'fast-png';

const RUNS = Number(process.env.RUNS ?? 15);

const RUNTIMES = {
  node: { command: process.execPath, empty: ['-e', '0'], args: ['first-answer.js', 'lambda.js'] },
  deno: { command: process.env.DENO ?? 'deno', empty: ['eval', '0'], args: ['run', '--allow-read', 'first-answer.js', 'fetch.js'] },
  bun: { command: process.env.BUN ?? 'bun', empty: ['-e', '0'], args: ['first-answer.js', 'fetch.js'] },
};

/** A bright bar, upright. */
const pixels = Uint8Array.from({ length: 784 }, (_, i) => (i % 28 > 12 && i % 28 < 16 && i > 112 && i < 672 ? 255 : 0));
const image = Buffer.from(encode({ width: 28, height: 28, data: pixels, channels: 1 })).toString('base64');

/** The median over some runs; `check` looks at what each of them printed. */
function median(command, args, check = () => {}) {
  const times = Array.from({ length: RUNS }, () => {
    const start = performance.now();
    const { stdout, stderr, status, error } = spawnSync(command, args, { cwd: import.meta.dirname, encoding: 'utf8' });
    const time = performance.now() - start;
    if (status !== 0) throw error ?? new Error(`${command} ${args.join(' ')}: ${stderr}`);
    check(stdout);
    return time;
  });
  return times.sort((a, b) => a - b)[RUNS >> 1].toFixed(0);
}

const names = process.argv.length > 2 ? process.argv.slice(2) : ['node'];
for (const name of names) {
  const { command, empty, args } = RUNTIMES[name];
  let answer;
  const first = median(command, [...args, image], (stdout) => {
    answer = JSON.parse(stdout);
  });
  console.log(`${name} ${args.at(-1)}: ${first} ms to the first answer, ${median(command, empty)} ms for nothing; label ${answer.label}`);
}
