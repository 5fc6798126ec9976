import { stripVTControlCharacters } from 'node:util';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/**
 * A table in plain text: titles, a rule, rows; two spaces between columns, no trailing spaces.
 *
 * @param rows - A missing cell is empty; cells beyond the columns are an error.
 * @throws {RangeError} when a row has more cells than there are columns
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  for (const row of rows) {
    if (row.length > columns.length) {
      throw new RangeError(`renderTable: expected ${columns.length} cells, got ${row.length}`);
    }
  }
  const widths = columns.map((column, index) =>
    Math.max(width(column.title), ...rows.map((row) => width(row[index] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => pad(cells[index] ?? '', widths[index] ?? 0, column.align ?? 'left'))
      .join('  ')
      .trimEnd();
  return [
    line(columns.map((column) => column.title)),
    widths.map((length) => '─'.repeat(length)).join('  '),
    ...rows.map(line),
  ].join('\n');
}

/** Blocks of lines side by side, each block padded to its widest line. */
export function besideEachOther(blocks: readonly (readonly string[])[], gap: number): string[] {
  const height = Math.max(0, ...blocks.map((block) => block.length));
  const widths = blocks.map((block) => Math.max(0, ...block.map(width)));
  return Array.from({ length: height }, (_, line) =>
    blocks
      .map((block, index) => pad(block[line] ?? '', widths[index] ?? 0, 'left'))
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}

function pad(text: string, to: number, align: 'left' | 'right'): string {
  const spaces = ' '.repeat(Math.max(0, to - width(text)));
  return align === 'left' ? text + spaces : spaces + text;
}

/** Characters on the screen: colour escapes take none. */
function width(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}
