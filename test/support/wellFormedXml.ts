/** Says what keeps a text from being well-formed XML, or null: tags nest, attributes are quoted, nothing that needs escaping is bare. */
export function xmlProblem(text: string): string | null {
  const open: string[] = [];
  const token =
    /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w:.-]*)((?:\s+[A-Za-z_][\w:.-]*="[^"<]*")*)\s*(\/?)>|[^<]+/gy;
  let at = 0;
  for (const match of text.matchAll(token)) {
    at = match.index + match[0].length;
    const [whole, closes, name, attributes, isEmpty] = match;
    const bare = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i.exec(attributes ?? (name ? "" : whole));
    if (bare && !whole.startsWith("<?") && !whole.startsWith("<!--")) return `a bare & in ${whole.slice(0, 80)}`;
    if (name === undefined) continue;
    if (closes) {
      const expected = open.pop();
      if (expected !== name) return `</${name}> closes <${expected}>`;
    } else if (!isEmpty) open.push(name);
  }
  if (at !== text.length) return `no XML at ${text.slice(at, at + 80)}`;
  return open.length > 0 ? `<${open.at(-1)}> is not closed` : null;
}
