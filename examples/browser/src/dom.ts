// Elements of index.html by their ids.

export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html has no element #${id}`);
  return found as T;
}

export function setText(id: string, text: string): void {
  const { firstChild } = element(id);
  if (firstChild?.nodeValue !== text) element(id).textContent = text;
}

export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;
export const count = (n: number): string => Math.round(n).toLocaleString('en');
export const size = (bytes: number): string => (bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);
