/** Whether counts look as if chance alone had made them. */

/** How probable it is that a chi-square of so many degrees of freedom is at least `x`: the upper incomplete gamma function. */
export function chiSquareTail(x: number, freedom: number): number {
  const [a, z] = [freedom / 2, x / 2];
  if (z <= 0) return 1;
  const scale = Math.exp(a * Math.log(z) - z - logGamma(a));
  return z < a + 1 ? 1 - scale * series(a, z) : scale * fraction(a, z);
}

/** The same for counts of what should all be equally frequent. */
export function uniformTail(counts: ArrayLike<number>): number {
  const all = Array.from(counts);
  const expected = all.reduce((sum, count) => sum + count, 0) / all.length;
  const x = all.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return chiSquareTail(x, all.length - 1);
}

function series(a: number, z: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; term > sum * 1e-15; n++) sum += term *= z / (a + n);
  return sum;
}

/** Lentz's continued fraction. */
function fraction(a: number, z: number): number {
  const tiny = 1e-300;
  let b = z + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < 1000; n++) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / (Math.abs(factor * d + b) < tiny ? tiny : factor * d + b);
    c = Math.abs(b + factor / c) < tiny ? tiny : b + factor / c;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return value;
}

/** Stirling's series, after steps up to where it is exact. */
function logGamma(x: number): number {
  let [shift, z] = [0, x];
  for (; z < 12; z++) shift += Math.log(z);
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + 1 / (12 * z) -
    1 / (360 * z ** 3) - shift;
}
