import { type Content, html, type Markup } from "./markup.ts";

/** A column of a table: its title, what stands in a row, and whether it holds numbers. */
export interface HtmlColumn<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Content;
  readonly numeric?: boolean;
  /** From 0 to 1: a bar behind the cell. */
  readonly share?: (row: Row) => number;
}

/** The first `limit` rows; the others are counted. */
export function table<Row>(
  caption: string,
  columns: readonly HtmlColumn<Row>[],
  rows: readonly Row[],
  limit = 200,
): Markup {
  const head = columns.map(({ title, numeric }) =>
    numeric === true ? html`<th scope="col" class="n">${title}</th>` : html`<th scope="col">${title}</th>`,
  );
  const body = rows.slice(0, limit).map((row) => html`<tr>${columns.map((column) => cellOf(column, row))}</tr>\n`);
  const rest = rows.length > limit ? html`<p class="dim">… and ${rows.length - limit} more</p>` : null;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>${body}</tbody>
</table></div>${rest}`;
}

function cellOf<Row>({ cell, numeric, share }: HtmlColumn<Row>, row: Row): Markup {
  const kind = numeric === true ? html` class="n"` : null;
  if (share === undefined) return html`<td${kind}>${cell(row)}</td>`;
  const width = Math.round(1000 * Math.min(1, Math.max(0, share(row)))) / 10;
  return html`<td${kind}><span class="bar" style="width:${width}%"></span><span>${cell(row)}</span></td>`;
}
