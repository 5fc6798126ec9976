import { describe, expect, test } from 'vitest';
import { Random, randomOf, splitMix64 } from './random.ts';

const LENGTH = 200_000;

describe('random', () => {
  test('xoshiro128** gives the words of the reference implementation', () => {
    const random = new Random([1, 2, 3, 4]);
    const words = Array.from({ length: 10 }, () => random.next());
    expect(words).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
      4258142804,
    ]);
  });

  test('SplitMix64 gives the published sequence of seed 1234567', () => {
    const outputs = [];
    let state = 1234567n;
    for (let i = 0; i < 3; i++) {
      const step = splitMix64(state);
      state = step.state;
      outputs.push(step.output);
    }
    expect(outputs).toEqual([6457827717110365317n, 3203168211198807973n, 9817491932198370423n]);
  });

  test('seeds and names give streams of their own, the same each time', () => {
    const words = (seed: number, name: string): number[] => {
      const random = randomOf(seed, name);
      return [random.next(), random.next(), random.next()];
    };
    expect(words(1, 'a')).toEqual(words(1, 'a'));
    expect(words(1, 'a')).not.toEqual(words(2, 'a'));
    expect(words(1, 'a')).not.toEqual(words(1, 'b'));
    expect(() => randomOf(-1, 'a')).toThrow(RangeError);
    expect(() => new Random([0, 0, 0, 0])).toThrow(RangeError);
  });

  test('moments are those of the distributions', () => {
    const random = randomOf(1, 'moments');
    let [uniform, square, exponential, rounded, ones] = [0, 0, 0, 0, 0];
    for (let i = 0; i < LENGTH; i++) {
      const u = random.uniform();
      uniform += u;
      square += u * u;
      exponential += random.exponential(3);
      rounded += random.round(1.25);
      ones += random.chance(0.1) ? 1 : 0;
    }
    const sigmas = (mean: number, expected: number, deviation: number): number =>
      Math.abs(mean / LENGTH - expected) / (deviation / Math.sqrt(LENGTH));
    expect(sigmas(uniform, 0.5, Math.sqrt(1 / 12))).toBeLessThan(4);
    expect(sigmas(square, 1 / 3, Math.sqrt(4 / 45))).toBeLessThan(4);
    expect(sigmas(exponential, 3, 3)).toBeLessThan(4);
    expect(sigmas(rounded, 1.25, Math.sqrt(0.1875))).toBeLessThan(4);
    expect(sigmas(ones, 0.1, 0.3)).toBeLessThan(4);
  });

  test('integers below a bound are equally frequent', () => {
    const random = randomOf(1, 'below');
    const counts = new Uint32Array(10);
    for (let i = 0; i < LENGTH; i++) {
      const value = random.below(10);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    const expected = LENGTH / 10;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 9 degrees of freedom: 27.9 has probability 0.1 %.
    expect(chiSquare).toBeLessThan(27.9);
  });
});
