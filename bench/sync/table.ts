/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
}

/** What a part of the benchmark has found out. */
export interface Part {
  /** For the line of JSON. */
  readonly figures: unknown;
  /** Markdown, by the name under which `docs/benchmarks.md` keeps each. */
  readonly tables: Readonly<Record<string, string>>;
}

/** Rows as a Markdown table with columns in line, as the formatter wants them. */
export function markdownTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ cell }) => cell(row))),
  ];
  const widths = columns.map((_, i) => Math.max(3, ...cells.map((line) => line[i]?.length ?? 0)));
  const lineOf = (texts: readonly string[], fill = ' '): string =>
    `| ${texts.map((text, i) => text.padEnd(widths[i] ?? 0, fill)).join(' | ')} |`;
  const [head = [], ...body] = cells.map((line) => lineOf(line));
  return [
    head,
    lineOf(
      columns.map(() => '-'),
      '-',
    ),
    ...body,
  ].join('\n');
}

/** So many decimals, or a dash where there is no number. */
export function decimals(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '-';
}
