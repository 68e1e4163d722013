import { describe, expect, it } from 'vitest';
import { upperTail } from '../../src/inference/student-t.js';
import { studentUpperTail } from '../oracle/student-t.js';

const TAILS = [0.4, 0.1, 0.05, 0.01, 0.005, 0.001, 1e-5];
/** Tabulated quantiles: degrees of freedom, then t with P(T > t) of `TAILS`. */
const TABLE: [number, ...number[]][] = [
  [1, 0.324919696233, 3.07768353718, 6.31375151468, 31.8205159538, 63.6567411629, 318.308838986, 31830.9886079],
  [2, 0.288675134595, 1.88561808316, 2.91998558035, 6.96455673428, 9.92484320092, 22.3271247701, 223.603443634],
  [3, 0.276670662333, 1.6377443537, 2.3533634348, 4.54070285857, 5.84090930973, 10.2145318524, 47.9277283759],
  [4, 0.270722294708, 1.53320627406, 2.13184678633, 3.74694738798, 4.60409487135, 7.17318221978, 23.3321827008],
  [5, 0.267180865704, 1.47588404882, 2.01504837333, 3.36492999891, 4.03214298356, 5.89342953136, 15.546854535],
  [9, 0.260955336474, 1.3830287384, 1.83311293266, 2.82143792503, 3.24983554159, 4.29680566273, 8.10205787939],
  [10, 0.260184829492, 1.37218364111, 1.81246112281, 2.76376945811, 3.16927267262, 4.14370049405, 7.52695401934],
  [30, 0.255605364952, 1.31041502539, 1.69726088659, 2.4572615424, 2.74999565357, 3.38518486683, 5.05403242145],
  [31, 0.255532168318, 1.30946354949, 1.69551878255, 2.4528241934, 2.74404191929, 3.37489928042, 5.02487440779],
  [99, 0.254029012152, 1.29016144203, 1.66039115602, 2.36460586179, 2.62640545728, 3.17460384976, 4.48067795803],
  [1000, 0.253414515839, 1.28239872146, 1.64637881729, 2.33008267476, 2.5807546981, 3.09840216391, 4.28543768265],
  [4095, 0.253363563365, 1.2817583358, 1.64522581646, 2.32725885607, 2.5770304527, 3.09222374453, 4.26989231118],
];

/** The t with this upper tail, by bisection. */
function quantile(tail: number, n: number): number {
  let [low, high] = [0, 1e6];
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (upperTail(middle, n) > tail) low = middle;
    else high = middle;
  }
  return low;
}

describe("Student's t", () => {
  it.each(TABLE)('has the tabulated quantiles with %i degrees of freedom', (n, ...quantiles) => {
    TAILS.forEach((tail, i) => {
      expect(Math.abs(quantile(tail, n) / quantiles[i] - 1), `tail ${tail}`).toBeLessThan(1e-9);
    });
  });

  it('has the tails of the density', () => {
    for (const n of [1, 2, 3, 6, 7, 40, 41])
      for (const t of [0, 1e-9, 0.1, 0.9, 1, 3, 20]) expect(Math.abs(upperTail(t, n) - studentUpperTail(t, n))).toBeLessThan(1e-12);
  });

  it('has no tail where t is huge', () => {
    for (const n of [1, 2, 3, 100]) expect(Math.abs(upperTail(1e80, n))).toBeLessThan(1e-15);
  });
});
