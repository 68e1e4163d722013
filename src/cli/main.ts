/**
 * The `bitgauss` command. Exit codes: 0 done, 1 failed, 2 usage, 130 interrupted.
 *
 * @module
 */
import { Command, CommanderError } from 'commander';
import { BitgaussError } from '../core/errors.js';
import { commands } from './commands/registry.js';
import { EXIT, Exit } from './exit.js';
import { version } from './version.js';

const program = new Command('bitgauss')
  .description('Train and run 1-bit neural networks.')
  .version(version())
  .showSuggestionAfterError(false)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'bitgauss: ')) });
for (const add of commands) {
  const command = add(program);
  command.exitOverride().showSuggestionAfterError(false).configureOutput(program.configureOutput());
}

// A reader that has seen enough, such as `| head`, must not end a training run.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Prints one line and returns the exit code. */
function report(error: unknown): number {
  if (error instanceof Exit) {
    if (error.message !== '') process.stderr.write(`bitgauss: ${error.message}\n`);
    return error.code;
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage; // commander has printed its line
  if (error instanceof BitgaussError) {
    process.stderr.write(`bitgauss: ${error.message}\n`);
    return error.code === 'argument' ? EXIT.usage : EXIT.failed;
  }
  process.stderr.write(`bitgauss: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.failed;
}
