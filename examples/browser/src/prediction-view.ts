// What the network says: the name of the class, and a bar for each.
import type { Prediction } from 'bitgauss';
import { element, percent } from './dom.js';

/** More classes than this: only the likeliest are listed. */
const MAX_BARS = 10;

export function showPrediction(prediction: Prediction | undefined, labels: readonly string[]): void {
  const name = element('answer');
  const sure = prediction === undefined ? '' : percent(prediction.probabilities[prediction.label], 0);
  name.textContent = prediction?.name ?? '?';
  name.classList.toggle('none', prediction === undefined);
  name.classList.toggle('word', (prediction?.name.length ?? 0) > 2);
  element('sureness').textContent = prediction === undefined ? '' : `${sure} sure`;
  showBars(prediction, labels);
}

function showBars(prediction: Prediction | undefined, labels: readonly string[]): void {
  const list = element('bars');
  let classes = labels.map((_, i) => i);
  if (labels.length > MAX_BARS) {
    const probability = (i: number): number => prediction?.probabilities[i] ?? 0;
    classes = classes.sort((a, b) => probability(b) - probability(a)).slice(0, MAX_BARS);
  }
  while (list.children.length > classes.length) list.lastElementChild?.remove();
  while (list.children.length < classes.length) list.append(newBar());
  classes.forEach((i, at) => {
    const [label, bar, value] = list.children[at].children as unknown as HTMLElement[];
    const probability = prediction?.probabilities[i] ?? 0;
    label.textContent = labels[i];
    (bar.firstElementChild as HTMLElement).style.width = `${100 * probability}%`;
    value.textContent = probability < 0.005 ? '' : percent(probability, 0);
    list.children[at].classList.toggle('best', i === prediction?.label);
  });
}

function newBar(): HTMLLIElement {
  const item = document.createElement('li');
  item.innerHTML = '<span class="name"></span><span class="track"><span class="fill"></span></span><span class="value"></span>';
  return item;
}
