import type { Estimate } from '../statistics.ts';
import { type Axis, type Plot, type Point, shareAt, ticksOf, tickLabel } from './plot.ts';

/** Okabe and Ito's colours, which colour-blind readers tell apart; yellow is left out. */
const PALETTE = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#555555'];
const WIDTH = 860;
const HEIGHT = 500;
const LEFT = 78;
const TOP = 50;
const BOTTOM = 62;
const LEGEND = 214;
const PLOT_WIDTH = WIDTH - LEFT - LEGEND;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;

const colorOf = (index: number): string => PALETTE[index % PALETTE.length] ?? '#555555';
const px = (value: number): string => value.toFixed(1);
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A whole SVG file. Deterministic: the same plot gives the same bytes. */
export function renderSvg(plot: Plot): string {
  const xOf = (value: number): number => LEFT + PLOT_WIDTH * shareAt(plot.x, value);
  const yOf = (value: number): number => TOP + PLOT_HEIGHT * (1 - shareAt(plot.y, value));
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" font-size="13" fill="#222">`,
    '<style>.h{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}</style>',
    `<title>${escaped(plot.title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<clipPath id="c"><rect x="${LEFT}" y="${TOP}" width="${PLOT_WIDTH}" height="${PLOT_HEIGHT}"/></clipPath>`,
    `<text x="${LEFT}" y="28" font-size="16" font-weight="bold">${escaped(plot.title)}</text>`,
    ...axes(plot, xOf, yOf),
    '<g clip-path="url(#c)">',
    ...plot.lines.map(({ points, color, dashed }) => {
      const dash = dashed === true ? ' stroke-dasharray="7 4"' : '';
      return `<path d="${pathOf(points, plot, xOf, yOf)}" fill="none" stroke="${colorOf(color)}" stroke-width="2"${dash}/>`;
    }),
    ...plot.dots.flatMap(({ points, color }) =>
      points.map(({ x, y }) => dot(xOf(x), y, yOf, colorOf(color), plot.y)),
    ),
    '</g>',
    ...marks(plot, xOf, yOf),
    ...(plot.notes ?? []).map(
      ({ x, y, text }) =>
        `<text x="${px(LEFT + PLOT_WIDTH * x)}" y="${px(TOP + PLOT_HEIGHT * (1 - y))}" text-anchor="middle" font-style="italic" class="h" fill="#444">${escaped(text)}</text>`,
    ),
    ...legend(plot),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

type Place = (value: number) => number;

function axes(plot: Plot, xOf: Place, yOf: Place): string[] {
  const [right, bottom] = [LEFT + PLOT_WIDTH, TOP + PLOT_HEIGHT];
  const parts: string[] = [];
  for (const tick of ticksOf(plot.x)) {
    const x = px(xOf(tick));
    parts.push(
      `<path d="M${x} ${TOP}V${bottom}" stroke="#e4e4e4"/>`,
      `<text x="${x}" y="${bottom + 19}" text-anchor="middle">${tickLabel(plot.x, tick)}</text>`,
    );
  }
  for (const tick of ticksOf(plot.y)) {
    const y = yOf(tick);
    parts.push(
      `<path d="M${LEFT} ${px(y)}H${right}" stroke="#e4e4e4"/>`,
      `<text x="${LEFT - 7}" y="${px(y + 4.5)}" text-anchor="end">${tickLabel(plot.y, tick)}</text>`,
    );
  }
  parts.push(
    `<rect x="${LEFT}" y="${TOP}" width="${PLOT_WIDTH}" height="${PLOT_HEIGHT}" fill="none" stroke="#888"/>`,
    `<text x="${LEFT + PLOT_WIDTH / 2}" y="${HEIGHT - 16}" text-anchor="middle">${escaped(plot.x.label)}</text>`,
    `<text transform="translate(18 ${TOP + PLOT_HEIGHT / 2}) rotate(-90)" text-anchor="middle">${escaped(plot.y.label)}</text>`,
  );
  return parts;
}

/** Points far outside are drawn just outside: some viewers refuse huge coordinates. */
function pathOf(points: readonly Point[], plot: Plot, xOf: Place, yOf: Place): string {
  const near = (place: number): number => Math.min(Math.max(place, -HEIGHT), 3 * WIDTH);
  return points
    .filter(([x, y]) => Number.isFinite(x) && !Number.isNaN(y) && (plot.y.log !== true || y > 0))
    .map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${px(near(xOf(x)))} ${px(near(yOf(y)))}`)
    .join('');
}

function dot(x: number, y: Estimate, yOf: Place, color: string, axis: Axis): string {
  const floor = axis.log === true ? axis.min / 10 : -Infinity;
  const low = yOf(Math.max(y.value - 3 * y.sigma, floor));
  const high = yOf(y.value + 3 * y.sigma);
  const at = yOf(Math.max(y.value, floor));
  const bar =
    y.sigma > 0
      ? `<path d="M${px(x)} ${px(low)}V${px(high)}M${px(x - 4)} ${px(low)}h8M${px(x - 4)} ${px(high)}h8" stroke="${color}" stroke-width="1.3"/>`
      : '';
  return `${bar}<circle cx="${px(x)}" cy="${px(at)}" r="3.6" fill="${color}" stroke="#fff"/>`;
}

function marks(plot: Plot, xOf: Place, yOf: Place): string[] {
  return (plot.marks ?? []).map(({ axis, at, label, color }) => {
    const stroke = color === undefined ? '#222' : colorOf(color);
    const text = escaped(label);
    if (axis === 'y') {
      const y = px(yOf(at));
      return `<path d="M${LEFT} ${y}h${PLOT_WIDTH}" stroke="${stroke}" stroke-width="1.3" stroke-dasharray="3 3"/><text x="${LEFT + PLOT_WIDTH - 8}" y="${px(yOf(at) - 6)}" text-anchor="end" class="h" fill="${stroke}">${text}</text>`;
    }
    const x = xOf(at);
    return `<path d="M${px(x)} ${TOP}v${PLOT_HEIGHT}" stroke="${stroke}" stroke-width="1.3" stroke-dasharray="3 3"/><text transform="translate(${px(x - 5)} ${TOP + PLOT_HEIGHT - 8}) rotate(-90)" class="h" fill="${stroke}">${text}</text>`;
  });
}

function legend(plot: Plot): string[] {
  const x = LEFT + PLOT_WIDTH + 14;
  const parts: string[] = [];
  let y = TOP + 10;
  const entry = (symbol: string, label: string): void => {
    const lines = wrapped(label, 23);
    parts.push(symbol);
    for (const [i, line] of lines.entries()) {
      parts.push(`<text x="${x + 30}" y="${y + 4.5 + 16 * i}">${escaped(line)}</text>`);
    }
    y += 16 * lines.length + 7;
  };
  for (const { label, color, dashed } of plot.lines) {
    const dash = dashed === true ? ' stroke-dasharray="7 4"' : '';
    entry(`<path d="M${x} ${y}h24" stroke="${colorOf(color)}" stroke-width="2"${dash}/>`, label);
  }
  for (const { label, color } of plot.dots) {
    if (label === undefined) continue;
    entry(`<circle cx="${x + 12}" cy="${y}" r="3.6" fill="${colorOf(color)}"/>`, label);
  }
  if (plot.dots.length > 0) {
    entry(
      `<path d="M${x + 12} ${y - 7}v14M${x + 8} ${y - 7}h8M${x + 8} ${y + 7}h8" stroke="#555"/>`,
      'dots: simulated, bars 3σ; lines: closed form',
    );
  }
  return parts;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
