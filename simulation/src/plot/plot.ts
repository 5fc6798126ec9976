import type { Estimate } from '../statistics.ts';

export interface Axis {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly log?: boolean;
  readonly percent?: boolean;
}

export type Point = readonly [x: number, y: number];

/** A closed form. */
export interface Line {
  readonly label: string;
  /** Index into the palette: a line and its dots share one. */
  readonly color: number;
  readonly points: readonly Point[];
  readonly dashed?: boolean;
}

/** Simulated values with bars of 3σ. */
export interface Dots {
  readonly label?: string;
  readonly color: number;
  readonly points: readonly { readonly x: number; readonly y: Estimate }[];
}

/** A threshold: a line across the plot. */
export interface Mark {
  readonly axis: 'x' | 'y';
  readonly at: number;
  readonly label: string;
  readonly color?: number;
}

/** Words in the plot: which side is which. x and y are shares of its width and height, from the lower left. */
export interface Note {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

export interface Plot {
  /** Name of the file, without ending. */
  readonly file: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
  readonly dots: readonly Dots[];
  readonly marks?: readonly Mark[];
  readonly notes?: readonly Note[];
}

/** Points of a function at n places, evenly spaced on the axis. */
export function curve(axis: Axis, y: (x: number) => number, n: number = 160): Point[] {
  return Array.from({ length: n + 1 }, (_, i) => {
    const x = atShare(axis, i / n);
    return [x, y(x)] as const;
  });
}

/** Value at a share of the axis. */
export function atShare(axis: Axis, share: number): number {
  if (axis.log === true) return axis.min * (axis.max / axis.min) ** share;
  return axis.min + (axis.max - axis.min) * share;
}

/** Share of the axis at a value; −1 for what a log axis has no place for. */
export function shareAt(axis: Axis, value: number): number {
  if (axis.log !== true) return (value - axis.min) / (axis.max - axis.min);
  return value > 0 ? Math.log(value / axis.min) / Math.log(axis.max / axis.min) : -1;
}

/** Round values along an axis. */
export function ticksOf(axis: Axis): number[] {
  return axis.log === true ? logTicks(axis) : linearTicks(axis);
}

function linearTicks({ min, max }: Axis): number[] {
  const raw = (max - min) / 7;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((value) => value >= raw) ?? power;
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => clean((first + i) * step));
}

function logTicks({ min, max }: Axis): number[] {
  const decades = Math.log10(max / min);
  const steps = decades > 3.5 ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let e = Math.floor(Math.log10(min)); e <= Math.ceil(Math.log10(max)); e++) {
    for (const step of steps) {
      const value = clean(step * 10 ** e);
      if (value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9)) ticks.push(value);
    }
  }
  return ticks;
}

const clean = (value: number): number => Number(value.toPrecision(12));

export function tickLabel(axis: Axis, value: number): string {
  const scaled = axis.percent === true ? clean(value * 100) : value;
  const text =
    scaled !== 0 && Math.abs(scaled) < 1e-3 ? scaled.toExponential(0) : String(clean(scaled));
  return axis.percent === true ? `${text} %` : text;
}
