// y[c] = sum over i, in order, of w[c, i] x[i], then + bias[c].

/** x [features], w [cout][features] -> y [cout]. `round` is applied to every product and sum. */
export function linear(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  cout: number,
  round: (value: number) => number = (value) => value,
  bias?: ArrayLike<number>,
): number[] {
  const y: number[] = [];
  for (let c = 0; c < cout; c++) {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum = round(sum + round(w[c * x.length + i] * x[i]));
    y.push(bias === undefined ? sum : round(sum + bias[c]));
  }
  return y;
}
