/* Positions of ticks, counted one by one. uPlot adds an increment until it is beyond the end, which
   never happens where rounding keeps the sum at the same value: 0.1, or two losses of 1e16. */
"use strict";
(() => {
  const DIGITS = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 5, 7], [1, 2, 5], [1]];
  const MOST_LINES = 20;

  const range = (first, last) =>
    Array.from({ length: Math.max(0, Math.min(last - first + 1, 1000)) }, (_, at) => first + at);

  /* Multiples of 1, 2 or 5 times a power of ten, at most `most` intervals. */
  dlrun.evenTicks = (low, high, most, whole) => {
    const least = Math.max(high / most - low / most, whole ? 1 : 0);
    const power = Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].map((each) => +`${each}e${power}`).find((each) => each >= least);
    if (!(step > 0 && step < Infinity)) return [];
    const counts = range(Math.ceil(low / step), Math.floor(high / step));
    const ticks = counts.map((count) => +(count * step).toPrecision(15));
    return [...new Set(ticks)].filter((each) => each >= low && each <= high);
  };

  const ofDigits = (low, high, digits) =>
    range(Math.floor(Math.log10(low)), Math.ceil(Math.log10(high)))
      .flatMap((power) => digits.map((digit) => +`${digit}e${power}`))
      .filter((each) => each >= low && each <= high);

  /* Lines and labels of a logarithmic axis; `most` labels fit side by side. */
  dlrun.logTicks = (low, high, most) => {
    const room = Math.log10(high / low) / most;
    const next = (digits, at) => digits[at + 1] ?? 10;
    const apart = (digits) => Math.min(...digits.map((each, at) => next(digits, at) / each));
    const digits = DIGITS.find((each) => Math.log10(apart(each)) >= room) ?? [1];
    const every = Math.max(1, Math.ceil(room));
    const labels = ofDigits(low, high, digits).filter(
      (each) => every === 1 || Math.round(Math.log10(each)) % every === 0,
    );
    const even = high / low < 10 && labels.length < 3 ? dlrun.evenTicks(low, high, 0.6 * most) : [];
    if (even.length > labels.length) return { lines: even, labels: new Set(even) };
    const all = ofDigits(low, high, DIGITS[0]);
    const lines = all.length > MOST_LINES ? ofDigits(low, high, [1]) : all;
    const both = new Set([...lines, ...labels]);
    return { lines: [...both].sort((one, other) => one - other), labels: new Set(labels) };
  };
})();
