// What this browser can do for a network in training, as the worker that trains sees it.
import type { Features } from 'bitgauss';
import { element } from './dom.js';

const YES = '<svg viewBox="0 0 14 14" aria-hidden="true"><path d="M2 7.5 5.5 11 12 3.5"/></svg>';
const NO = '<svg viewBox="0 0 14 14" aria-hidden="true"><path d="M3 3l8 8M11 3l-8 8"/></svg>';

/** `threads`: how many a run uses; undefined before there was one. */
export function showHost({ simd, threads, threadsReason, relaxedSimd }: Features, cores: number, running: number | undefined): void {
  const using = running === undefined ? `${cores} cores` : `training uses ${running} of ${cores} cores`;
  element('host').replaceChildren(
    row(simd, 'WebAssembly SIMD', simd ? 'every kernel uses it' : 'bitgauss cannot run without it: use a newer browser'),
    row(threads, threads ? 'Threads' : 'No threads', threads ? using : `${threadsReason}; training runs on one core`),
    row(relaxedSimd, 'Relaxed SIMD', 'not used: the same seed gives the same bytes on every machine'),
  );
}

function row(on: boolean, name: string, text: string): HTMLLIElement {
  const item = document.createElement('li');
  item.classList.toggle('on', on);
  item.innerHTML = `${on ? YES : NO}<div>${name}<span></span></div>`;
  item.querySelector('span')!.textContent = text;
  return item;
}
