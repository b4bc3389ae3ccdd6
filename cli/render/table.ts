/** How a column is set. */
export type Alignment = 'left' | 'right';

/** Rows of text in columns two spaces apart; the first row is the head. Lines end without spaces. */
export function formatTable(rows: readonly (readonly string[])[], alignments: readonly Alignment[]): string {
  const widths = alignments.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  return rows
    .map((row) => {
      const cells = row.map((cell, column) => pad(cell, widths[column]!, alignments[column]!));
      return `${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}

function pad(cell: string, width: number, alignment: Alignment): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(cell)));
  return alignment === 'left' ? cell + space : space + cell;
}

function widthOf(text: string): number {
  return [...text].length;
}
