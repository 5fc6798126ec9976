import { elementCount, type Program } from '@assay/program';
import {
  type Dearest,
  dearest,
  deriveTrace,
  describeTraceError,
  type TraceProgram,
} from '@assay/program/trace';
import { type Column, renderTable } from '../ui/index.ts';
import { countText } from './describe.ts';

/** Reads of a relation up to which its dearest check is looked for element by element. */
const EXACT_READS = 2 ** 18;

/** What a contract would check of a run. */
export interface TraceSummary {
  readonly tensors: number;
  readonly elements: number;
  readonly groups: number;
  readonly relations: readonly (Dearest & {
    readonly node: string;
    readonly kind: string;
    readonly instances: readonly number[];
  })[];
}

function elementsOf(trace: TraceProgram): number {
  return trace.lists[2].reduce((sum, { dims }) => sum + elementCount(dims), 0);
}

/** Null with the reason where a contract could not check it. */
export function traceSummary(
  program: Program,
): { readonly summary: TraceSummary } | { readonly refused: string } {
  const trace = deriveTrace(program);
  if (!trace.ok) return { refused: describeTraceError(trace.error) };
  const { lists, groups, relations, nodes } = trace.value;
  const rows = dearest(trace.value, EXACT_READS).map((row) => {
    const relation = relations[row.relation];
    return {
      ...row,
      node: program.nodes[nodes[row.relation] ?? -1]?.name ?? '?',
      kind: relation?.kind ?? '?',
      instances: relation?.domain ?? [],
    };
  });
  const summary = {
    tensors: lists[2].length,
    elements: elementsOf(trace.value),
    groups: groups.length,
    relations: rows,
  };
  return { summary };
}

/** The dearest check of each relation: what proving a wrong element would open, and bytes of its transaction. */
export function traceTable({ relations }: TraceSummary): string {
  const right = (title: string): Column => ({ title, align: 'right' });
  const columns = [
    { title: 'node' },
    { title: 'relation' },
    { title: 'over' },
    right('terms'),
    right('leaves'),
    right('bytes'),
  ];
  return renderTable(
    columns,
    relations.map(({ node, kind, instances, terms, leaves, bytes, exact }) => [
      node,
      kind,
      instances.length === 0 ? 'scalar' : instances.join('×'),
      countText(terms),
      countText(leaves),
      `${exact ? '' : '≤ '}${countText(bytes)}`,
    ]),
  );
}

export function traceLine({ tensors, elements, groups, relations }: TraceSummary): string {
  const most = relations.reduce((bytes, row) => Math.max(bytes, row.bytes), 0);
  return `trace       ${countText(elements)} elements in ${tensors} tensors, ${relations.length} relations in ${groups} groups; a wrong element is proven in at most ${countText(most)} bytes`;
}
