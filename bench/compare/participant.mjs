// A peer in a child process, called by messages: a node process (child.mjs) or any program that answers lines of JSON (torch_vgg.py).
import { fork, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

export class Participant {
  #child;
  #send;
  #lastError = '';
  #waiting;
  #ended;

  /** `start(answer)` gives the child process and a function that sends it an object. */
  constructor(start, limitMs) {
    this.limitMs = limitMs;
    const { child, send } = start((answer) => this.#settle(answer));
    this.#child = child;
    this.#send = send;
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.trim() !== '') this.#lastError = `: ${line.trim()}`;
    });
    const end = (message) => {
      this.#ended = `${message}${this.#lastError}`;
      this.#settle({ error: this.#ended });
    };
    child.on('error', ({ message }) => end(message));
    child.on('close', (code, signal) => end(`the process ended with ${code ?? signal}`));
  }

  /** A JavaScript peer of ./peers. */
  static node(name, limitMs) {
    return new Participant((answer) => {
      const child = fork(path('./child.mjs'), [name], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
      child.on('message', answer);
      return { child, send: (message) => child.send(message) };
    }, limitMs);
  }

  /** A program that reads calls from standard input and writes answers to standard output, an object a line. */
  static lines(command, args, limitMs) {
    return new Participant((answer) => {
      const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
      createInterface({ input: child.stdout }).on('line', (line) => answer(JSON.parse(line)));
      child.stdin.on('error', () => {}); // the process has ended, which is reported by itself
      return { child, send: (message) => child.stdin.write(`${JSON.stringify(message)}\n`) };
    }, limitMs);
  }

  /** Waits for the child's first message. */
  ready() {
    return this.#answer();
  }

  call(call, parameters = {}) {
    const answer = this.#answer();
    if (this.#ended === undefined) this.#send({ call, ...parameters });
    return answer;
  }

  end() {
    this.#child.kill('SIGKILL');
  }

  #answer() {
    if (this.#ended !== undefined) return Promise.reject(new Error(this.#ended));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#settle({ error: `no answer within ${this.limitMs / 1000} s` });
        this.end();
      }, this.limitMs);
      this.#waiting = { resolve, reject, timer };
    });
  }

  #settle({ value, error }) {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    clearTimeout(waiting.timer);
    if (error === undefined) waiting.resolve(value);
    else waiting.reject(new Error(error));
  }
}
