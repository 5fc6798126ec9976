import type { Port, Program } from '@assay/program';
import { type Column, renderTable } from '../ui/index.ts';
import type { NodeSummary, TensorSummary } from './nodes.ts';
import type { Sizes, Work } from './work.ts';

export const shapeText = (shape: readonly number[]): string =>
  shape.length === 0 ? 'scalar' : shape.join('×');

/** 12345 → 12,345. */
export const countText = (n: number): string => n.toString().replace(/\B(?=(\d{3})+$)/g, ',');

const left = (title: string): Column => ({ title });
const right = (title: string): Column => ({ title, align: 'right' });

function portLine(side: string, port: Port, program: Program): string {
  const range = program.tensors[port.tensor]?.range ?? { lo: 0, hi: 0 };
  const real =
    port.meaning === 'label'
      ? 'label'
      : `real = ${port.scale.toPrecision(6)} · ${port.zero === 0 ? 'integer' : `(integer − ${port.zero})`}`;
  return `${side.padEnd(6)} ${port.name}  ${shapeText(port.shape)}  integers [${range.lo}, ${range.hi}]  ${real}`;
}

export function portLines(program: Program): string[] {
  return [
    ...program.inputs.map((port) => portLine('input', port, program)),
    ...program.outputs.map((port) => portLine('output', port, program)),
  ];
}

export function nodeTable(nodes: readonly NodeSummary[]): string {
  const columns = [
    left('node'),
    left('operator'),
    left('shape'),
    right('bits'),
    right('weights'),
    right('witness'),
    right('lookups'),
    right('multiply-adds'),
    left('relations'),
  ];
  return renderTable(
    columns,
    nodes.map((node) => [
      node.name,
      node.operator,
      shapeText(node.shape),
      String(node.bits),
      countText(node.modelElements),
      countText(node.witnessElements),
      countText(node.lookups),
      countText(node.multiplyAdds),
      Object.entries(node.relations)
        .filter(([, count]) => count > 0)
        .map(([kind, count]) => `${count} ${kind}`)
        .join(', '),
    ]),
  );
}

export function tensorTable(tensors: readonly TensorSummary[]): string {
  return renderTable(
    [left('tensor'), left('role'), left('node'), left('shape'), right('bits'), left('range')],
    tensors.map(({ name, role, node, shape, range, bits }) => [
      name,
      role,
      node,
      shapeText(shape),
      String(bits),
      `[${range.lo}, ${range.hi}]`,
    ]),
  );
}

export function sizeLines(sizes: Sizes): string[] {
  return [
    `committed   ${countText(sizes.modelElements)} elements of the model, ${countText(sizes.witnessElements)} per proof`,
    `lookups     ${countText(sizes.lookups)} in tables of ${countText(sizes.tableRows)} rows: a tree of 2^${sizes.lookupVariables}`,
    `einsums     ${sizes.einsums} products of ${countText(sizes.multiplyAdds)} multiply-adds, ${sizes.sumcheckRounds} rounds`,
  ];
}

export function workTable(work: readonly Work[]): string {
  const total = work.reduce((sum, { estimatedMs }) => sum + estimatedMs, 0);
  return renderTable(
    [left('stage'), right('share'), left('what')],
    work.map(({ stage, what, estimatedMs }) => [
      stage,
      `${Math.round((100 * estimatedMs) / Math.max(total, 1e-9))} %`,
      what.replace(/\d{4,}/g, (digits) => countText(Number(digits))),
    ]),
  );
}
