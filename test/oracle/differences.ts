/**
 * dLoss / dx of every entry of `values` by central differences in f64. With the step 1e-5 and losses of order 1 the error
 * is about 1e-10: the cube of the step from the series, 1e-16 / 1e-5 from rounding.
 * @param values changed and put back in turn
 */
export function centralDifferences(values: Float64Array, loss: () => number): number[] {
  const step = 1e-5;
  return Array.from(values, (value, i) => {
    values[i] = value + step;
    const above = loss();
    values[i] = value - step;
    const below = loss();
    values[i] = value;
    return (above - below) / (2 * step);
  });
}
