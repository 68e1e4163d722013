import { expect, test } from 'vitest';
import { parseArguments } from './arguments.js';
import type { Host } from './hosts/host.js';

const HOSTS = ['a', 'b', 'c'].map((name): Host => ({ name, threads: true, executable: () => '', run: async () => undefined }));
const names = (...args: string[]): string[] => parseArguments(args, HOSTS).hosts.map(({ name }) => name);

test('all hosts without --only, else those named, in the order of the registry', () => {
  expect(names()).toEqual(['a', 'b', 'c']);
  expect(names('--only', 'c,a')).toEqual(['a', 'c']);
  expect(names('--only', 'c', 'b')).toEqual(['b', 'c']);
  expect(names('--only', 'page')).toEqual([]);
  expect(parseArguments(['--processes', '3', '--save', '--update'], HOSTS)).toMatchObject({ processes: 3, save: true, update: true });
  expect(parseArguments([], HOSTS)).toMatchObject({ processes: 7, page: true, save: false, update: false });
  expect(parseArguments(['--only', 'a,page'], HOSTS)).toMatchObject({ page: true });
  expect(parseArguments(['--only', 'a'], HOSTS)).toMatchObject({ page: false });
});

test.each([
  [['--only', 'd'], '--only: got d, expected of a, b, c, page'],
  [['--only', 'a', '--save'], '--save: got --only a, expected all hosts'],
  [['--processes', '0'], '--processes: got 0, expected a whole number from 1'],
  [['a'], 'got a, expected an option'],
  [['--hosts'], "Unknown option '--hosts'"],
])('%j is an error', (args, message) => {
  expect(() => parseArguments(args, HOSTS)).toThrow(message);
});
