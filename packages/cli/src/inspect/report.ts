import type { LayerReport, PublicReport } from '@assay/compiler';
import { renderTable } from '../ui/index.ts';

/** What is shown of a layer of report.json. */
type Layer = Pick<LayerReport, 'name' | 'operator' | 'shape' | 'scale' | 'bits' | 'accuracy'>;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isLayer(value: unknown): value is Layer {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    typeof value['operator'] === 'string' &&
    Array.isArray(value['shape']) &&
    (value['scale'] === null || typeof value['scale'] === 'number') &&
    (value['bits'] === null || typeof value['bits'] === 'number') &&
    (value['accuracy'] === null || isRecord(value['accuracy']))
  );
}

/** Layers of a report that has them: a bundle's report.json may be anybody's. */
export function layersOf(report: unknown): readonly Layer[] {
  const layers = isRecord(report) ? report['layers'] : undefined;
  return Array.isArray(layers) ? layers.filter(isLayer) : [];
}

/** Scales and accuracy of the layers, as the compiler measured them on its samples. */
export function layerTable(layers: readonly Layer[]): string {
  const number = (value: unknown, digits: number): string =>
    typeof value === 'number' ? value.toPrecision(digits) : '';
  return renderTable(
    [
      { title: 'layer' },
      { title: 'operator' },
      { title: 'shape' },
      { title: 'bits', align: 'right' },
      { title: 'scale', align: 'right' },
      { title: 'cosine to float', align: 'right' },
      { title: 'largest error', align: 'right' },
    ],
    layers.map(({ name, operator, shape, scale, bits, accuracy }) => [
      name,
      operator,
      shape.join('×'),
      bits === null ? '' : String(bits),
      number(scale, 4),
      number(accuracy?.cosine, 7),
      number(accuracy?.maxError, 3),
    ]),
  );
}

/**
 * What a bundle's report says of the numbers of the model that its program shows as they are; null where it was
 * not compiled for private weights.
 */
export function publicNumbersOf(report: unknown): readonly PublicReport[] | null {
  const numbers = isRecord(report) ? report['public'] : undefined;
  return Array.isArray(numbers) ? numbers.filter(isPublic) : null;
}

function isPublic(value: unknown): value is PublicReport {
  return (
    isRecord(value) &&
    typeof value['node'] === 'string' &&
    typeof value['operator'] === 'string' &&
    typeof value['what'] === 'string'
  );
}

const MOST_LISTED = 8;

/** What stays public of a model whose weights are hidden, in words. */
export function publicNumberLines(numbers: readonly PublicReport[]): string[] {
  const always = 'stays       public: operators, shapes, scales, domains of tables';
  if (numbers.length === 0) return [`${always}; no constant of the model`];
  const listed = numbers
    .slice(0, MOST_LISTED)
    .map(({ node, what }) => `            ${node}: ${what}`);
  const rest = numbers.length - listed.length;
  return [
    `${always}, and constants of the model (${numbers.length}):`,
    ...listed,
    ...(rest > 0 ? [`            and ${rest} more (\`assay inspect\` lists them)`] : []),
  ];
}

export function publicTable(numbers: readonly PublicReport[]): string {
  return renderTable(
    [{ title: 'node' }, { title: 'operator' }, { title: 'constant' }],
    numbers.map(({ node, operator, what }) => [node, operator, what]),
  );
}
