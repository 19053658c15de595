/** Figures as a reader sees them; English grouping, whatever the machine's language. */

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 1234 as 1,234. */
export function counted(value: number): string {
  return whole.format(value);
}

/** `1 picture`, `1,234 pictures`. */
export function countOf(value: number, one: string, many = `${one}s`): string {
  return `${counted(value)} ${value === 1 ? one : many}`;
}

/** A score or threshold: four significant digits. */
export function significant(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'undefined';
  if (!Number.isFinite(value)) return value > 0 ? 'infinite' : '−infinite';
  return String(Number(value.toPrecision(digits))).replace('-', '−');
}

/** A share as percent: one decimal below ten and above ninety, where it matters. */
export function percent(share: number): string {
  return `${percentNumber(share)} %`;
}

export function percentNumber(share: number): string {
  const value = share * 100;
  const fine = value !== 0 && value !== 100 && (value < 10 || value > 90);
  const text = value.toFixed(fine ? 1 : 0);
  if (fine && Number(text) === 0) return '< 0.1';
  if (fine && Number(text) === 100) return '> 99.9';
  return text.replace(/\.0$/, '');
}

/** A share as how many of a thousand: one decimal below ten. */
export function ofThousand(share: number): string {
  const value = share * 1000;
  return value < 9.95 ? value.toFixed(1).replace(/\.0$/, '') : counted(value);
}

/** A measure between 0 and 1: three decimals. */
export function measure(value: number): string {
  return Number.isNaN(value) ? 'undefined' : value.toFixed(3).replace('-', '−');
}

/** A time in words: `38 s`, `4 min 22 s`. */
export function duration(seconds: number): string {
  const rounded = Math.round(seconds);
  return rounded < 60 ? `${rounded} s` : `${counted(Math.floor(rounded / 60))} min ${rounded % 60} s`;
}

/** Bytes as megabytes. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
