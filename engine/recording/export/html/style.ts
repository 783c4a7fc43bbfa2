/** How the report looks: light or dark as the reader's system is, one column, nothing that comes from elsewhere. */
export const style = `
:root { color-scheme: light dark; --bg:#fff; --fg:#1f2328; --dim:#59636e; --line:#d1d9e0; --soft:#f6f8fa; --bar:#cfe3fb; --accent:#0969da;
  --error:#cf222e; --warning:#9a6700; --ok:#1a7f37; --s0:#0969da; --s1:#bc4c00; --s2:#8250df; --s3:#1a7f37; --s4:#9a6700; --s5:#818b98; }
@media (prefers-color-scheme: dark) { :root { --bg:#1f1f1f; --fg:#e6e6e6; --dim:#a3a9b0; --line:#3f4348; --soft:#282828; --bar:#1f3f66; --accent:#4daafc;
  --error:#f85149; --warning:#d9a62e; --ok:#3fb950; --s0:#4daafc; --s1:#f0883e; --s2:#b180d7; --s3:#3fb950; --s4:#d9a62e; --s5:#8b949e; } }
* { box-sizing: border-box; }
body { margin:0; background:var(--bg); color:var(--fg); font:15px/1.5 system-ui,"Segoe UI",Ubuntu,"DejaVu Sans",sans-serif; }
main, header, nav { max-width:1100px; margin:0 auto; padding:0 24px; }
header { padding-top:32px; } h1 { font-size:24px; margin:0 0 4px; overflow-wrap:anywhere; }
h2 { font-size:18px; margin:40px 0 12px; padding-bottom:6px; border-bottom:1px solid var(--line); } h3 { font-size:15px; margin:24px 0 8px; }
nav { padding-top:12px; } nav a { margin-right:16px; } a { color:var(--accent); }
.dim { color:var(--dim); } .n { text-align:right; font-variant-numeric:tabular-nums; }
.facts { display:flex; flex-wrap:wrap; gap:8px 32px; margin:16px 0 0; padding:0; list-style:none; } .facts b { display:block; font-size:18px; font-variant-numeric:tabular-nums; }
.verdict { font-weight:600; } .ok { color:var(--ok); } .error { color:var(--error); } .warning { color:var(--warning); } .info { color:var(--dim); }
.alert { border:1px solid var(--line); border-left-width:4px; border-radius:6px; padding:10px 16px; margin:0 0 12px; background:var(--soft); overflow-wrap:anywhere; }
.alert.is-error { border-left-color:var(--error); } .alert.is-warning { border-left-color:var(--warning); } .alert p { margin:0 0 4px; } .alert ol { margin:4px 0; padding-left:20px; }
code { font:13px/1.5 ui-monospace,"SF Mono",Consolas,"DejaVu Sans Mono",monospace; } pre { background:var(--soft); border:1px solid var(--line); border-radius:6px; padding:12px; overflow:auto; white-space:pre-wrap; }
.scroll { overflow-x:auto; max-height:560px; overflow-y:auto; border:1px solid var(--line); border-radius:6px; } .scroll:focus-visible { outline:2px solid var(--accent); }
table { border-collapse:collapse; width:100%; font-size:13px; } caption { text-align:left; padding:8px 12px; color:var(--dim); }
th { position:sticky; top:0; background:var(--soft); text-align:left; font-weight:600; } th,td { padding:4px 12px; border-top:1px solid var(--line); white-space:nowrap; }
td { position:relative; } td span { position:relative; } .bar { position:absolute !important; left:0; top:3px; bottom:3px; background:var(--bar); border-radius:0 3px 3px 0; }
figure { margin:16px 0; } figcaption { font-weight:600; } figure svg { width:100%; height:auto; max-width:900px; display:block; }
.grid { stroke:var(--line); fill:none; } .tick { fill:var(--dim); font-size:12px; dominant-baseline:auto; } .end { text-anchor:end; } .middle { text-anchor:middle; }
.curve { fill:none; stroke-width:1.8; stroke-linejoin:round; } ${series((i) => `.c${i}{stroke:var(--s${i})} .a${i}{fill:var(--s${i});opacity:.85} .k${i}::before{background:var(--s${i})}`)}
.legend { margin:4px 0; color:var(--dim); } .legend span { margin-right:14px; } .legend span::before { content:""; display:inline-block; width:10px; height:10px; border-radius:2px; margin-right:6px; }
.graph { border:1px solid var(--line); border-radius:6px; overflow:auto; max-height:720px; background:#fff; } .graph.dark { display:none; background:#1f1f1f; }
.graph svg { display:block; }
@media (prefers-color-scheme: dark) { .graph.has-dark { display:none; } .graph.dark { display:block; } }
details { margin:12px 0; } summary { cursor:pointer; } footer { max-width:1100px; margin:48px auto 24px; padding:0 24px; color:var(--dim); font-size:13px; }
@media print { .scroll, .graph { max-height:none; overflow:visible; } nav { display:none; } }
`;

function series(rule: (i: number) => string): string {
  return [0, 1, 2, 3, 4, 5].map(rule).join(" ");
}
