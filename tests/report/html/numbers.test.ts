import { describe, expect, it } from 'vitest';
import {
  countOf,
  counted,
  duration,
  measure,
  ofThousand,
  percent,
  significant,
} from '#csflow/report/html/numbers.js';

describe('figures as a reader sees them', () => {
  it.each([
    [counted(1234567), '1,234,567'],
    [countOf(1, 'picture'), '1 picture'],
    [countOf(2, 'picture'), '2 pictures'],
    [countOf(0, 'file was', 'files were'), '0 files were'],
    [significant(0.000123456), '0.0001235'],
    [significant(-0.81234), '−0.8123'],
    [significant(NaN), 'undefined'],
    [percent(0), '0 %'],
    [percent(1), '100 %'],
    [percent(0.01), '1 %'],
    [percent(0.0333), '3.3 %'],
    [percent(0.504), '50 %'],
    [percent(0.9951), '99.5 %'],
    [percent(0.0001), '< 0.1 %'],
    [percent(0.99999), '> 99.9 %'],
    [ofThousand(0.0333), '33'],
    [ofThousand(0.0043), '4.3'],
    [ofThousand(0.01), '10'],
    [ofThousand(1), '1,000'],
    [measure(0.8249), '0.825'],
    [measure(NaN), 'undefined'],
    [duration(38.4), '38 s'],
    [duration(262), '4 min 22 s'],
  ])('%s', (shown, expected) => expect(shown).toBe(expected));
});
