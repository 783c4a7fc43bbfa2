import type { ComponentChild } from "preact";
import { displayName, shapeText, shortNumber } from "../../engine/recording/layout/text.ts";
import { gradientSize, heatDecades, heatOf } from "../../engine/recording/paint/heat.ts";
import type { GraphNode, GraphStats } from "../../engine/recording/queries/graphTypes.ts";
import { useAtom } from "../ui/atom.ts";
import { Button, IconButton } from "../ui/kit.ts";
import { type GraphModel, inputsOf, modulePath, outputsOf } from "./graphModel.ts";
import type { GraphPanel } from "./graphPanel.ts";
import type { Selection } from "./model.ts";
import { gradientWords, roleWords, siteText } from "./words.ts";

/** The part at the side: everything known of what is selected. */
export function Details({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  const view = useAtom(panel.view);
  const drawn = useAtom(panel.drawn);
  const { sideWidth } = useAtom(panel.arrangement);
  return (
    <aside class="details" aria-label="Details" style={{ width: `${sideWidth}px` }}>
      {drawn && <Selected panel={panel} model={drawn.model} selected={view?.selected ?? null} />}
    </aside>
  );
}

interface SelectedProps {
  readonly panel: GraphPanel;
  readonly model: GraphModel;
  readonly selected: Selection | null;
}

function Selected({ panel, model, selected }: SelectedProps): ComponentChild {
  const node = selected?.kind === "node" ? model.graph.nodes[selected.node] : undefined;
  if (node) return <NodeDetails panel={panel} model={model} node={node} />;
  if (selected?.kind === "scope") return <ScopeDetails panel={panel} model={model} scopeKey={selected.key} />;
  return <GraphSummary model={model} />;
}

function NodeDetails({
  panel,
  model,
  node,
}: {
  panel: GraphPanel;
  model: GraphModel;
  node: GraphNode;
}): ComponentChild {
  const modules = modulePath(model, node.id);
  const gradient = gradientWords(node);
  return (
    <>
      <header class="details-title">
        <h2 title={displayName(node.label, 400)}>{displayName(node.label, 60)}</h2>
        <IconButton icon="close" label="Clear the selection" onClick={() => panel.clearSelection()} />
      </header>
      <p class="quiet">
        {roleWords[node.role]}
        {node.isRoot ? ", root of backward" : ""}
      </p>
      <dl>
        {node.gradFn !== null && <Row name="grad_fn" value={displayName(node.gradFn, 60)} />}
        <Row name="shape" value={shapeText(node.shape)} />
        <Row name="dtype" value={displayName(node.dtype, 20)} />
        <Row name="requires_grad" value={String(node.requiresGrad)} />
        {modules.length > 0 && <Row name="module" value={modules.join(" › ")} />}
      </dl>
      {node.site && (
        <button type="button" class="link-button" onClick={() => panel.revealSource(node.id)}>
          {siteText(node.site)}
        </button>
      )}
      <h3>Value</h3>
      <Values text={node.valueText} stats={node.value} />
      {(node.kind === "tensor" || node.grad !== null || node.gradText !== null) && (
        <>
          <h3>Gradient</h3>
          <p class={node.gradStatus === "present" ? "quiet" : "gradient-state"}>{gradient.state}</p>
          {gradient.why !== null && <p class="quiet">{gradient.why}</p>}
          <Values text={node.gradText} stats={node.grad} />
          <Size model={model} node={node} />
        </>
      )}
      <Neighbours panel={panel} title="Inputs" nodes={inputsOf(model, node.id)} />
      <Neighbours panel={panel} title="Outputs" nodes={outputsOf(model, node.id)} />
    </>
  );
}

function Row({ name, value }: { readonly name: string; readonly value: string }): ComponentChild {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function Values({ text, stats }: { readonly text: string | null; readonly stats: GraphStats | null }): ComponentChild {
  return (
    <>
      {text !== null && <pre class="values">{displayName(text, 400)}</pre>}
      {stats && stats.numel > 1 && <Stats stats={stats} />}
    </>
  );
}

function Stats({ stats }: { readonly stats: GraphStats }): ComponentChild {
  const rows: [string, number][] = [
    ["norm", stats.norm],
    ["mean", stats.mean],
    ["std", stats.std],
    ["min", stats.min],
    ["max", stats.max],
    ["zeros", stats.zeros],
    ["elements", stats.numel],
  ];
  if (stats.nan > 0) rows.push(["NaN", stats.nan]);
  if (stats.inf > 0) rows.push(["Inf", stats.inf]);
  return (
    <dl class="stats">
      {rows.map(([name, value]) => (
        <Row key={name} name={name} value={shortNumber(value)} />
      ))}
    </dl>
  );
}

/** Where the gradient stands on the run's scale, in words: colour alone would not say it. */
function Size({ model, node }: { readonly model: GraphModel; readonly node: GraphNode }): ComponentChild {
  const size = gradientSize(node.grad);
  if (!model.heat || !Number.isFinite(size) || size === 0) return null;
  const heat = heatOf(model.heat, size);
  const factor = size / model.heat.median;
  const times = factor >= 1 ? `${shortNumber(factor)} times` : `1/${shortNumber(1 / factor)} of`;
  const end = heat >= 1 ? " (exploding)" : heat <= -1 ? " (vanishing)" : "";
  return (
    <p class="quiet" title={`The scale ends ${10 ** heatDecades} times above and below the median.`}>
      {times} the run's median{end}
    </p>
  );
}

interface NeighboursProps {
  readonly panel: GraphPanel;
  readonly title: string;
  readonly nodes: readonly GraphNode[];
}

function Neighbours({ panel, title, nodes }: NeighboursProps): ComponentChild {
  if (nodes.length === 0) return null;
  const shown = nodes.slice(0, 12);
  return (
    <>
      <h3>{title}</h3>
      <ul class="neighbours">
        {shown.map((node, i) => (
          <li key={`${node.id} ${i}`}>
            <button type="button" class="link-button" onClick={() => panel.goTo(node.id)}>
              {displayName(node.label, 40)}
            </button>
            <span class="quiet"> {shapeText(node.shape)}</span>
          </li>
        ))}
      </ul>
      {nodes.length > shown.length && <p class="quiet">and {nodes.length - shown.length} more</p>}
    </>
  );
}

function ScopeDetails({
  panel,
  model,
  scopeKey,
}: {
  panel: GraphPanel;
  model: GraphModel;
  scopeKey: string;
}): ComponentChild {
  const scope = model.tree.scopes[model.scopeOfKey.get(scopeKey) ?? -1];
  if (!scope) return null;
  return (
    <>
      <header class="details-title">
        <h2>{scope.title}</h2>
        <IconButton icon="close" label="Clear the selection" onClick={() => panel.clearSelection()} />
      </header>
      <p class="quiet">{scope.repeats > 1 ? `${scope.repeats} equal blocks of ${scope.type}` : scope.type}</p>
      <dl>
        <Row name="nodes" value={scope.nodes.toLocaleString()} />
      </dl>
      <Button primary={false} onClick={() => panel.toggleFold(scopeKey)}>
        Fold or unfold
      </Button>
    </>
  );
}

/** What the graph holds, as long as nothing is selected. */
function GraphSummary({ model }: { readonly model: GraphModel }): ComponentChild {
  const { nodes, backward } = model.graph;
  const count = (holds: (node: GraphNode) => boolean): string => nodes.filter(holds).length.toLocaleString();
  return (
    <>
      <header class="details-title">
        <h2>Graph</h2>
      </header>
      <dl>
        <Row name="ops" value={count((node) => node.kind === "op")} />
        <Row name="tensors" value={count((node) => node.kind === "tensor")} />
        <Row name="parameters" value={count((node) => node.role === "parameter")} />
        <Row name="frozen" value={count((node) => node.role === "frozen")} />
        <Row name="without gradient" value={count((node) => node.requiresGrad && node.gradStatus === "none")} />
        <Row name="backward steps" value={backward.length.toLocaleString()} />
      </dl>
      <p class="quiet">Click a node to see its value and gradient, and its line in the editor.</p>
      <dl class="keys">
        <Row name="Space" value="select, fold or unfold" />
        <Row name="Tab, arrows" value="walk along edges" />
        <Row name="Enter" value="show the source" />
        <Row name="Escape then Tab" value="leave the graph" />
        <Row name="+ − F" value="zoom, fit" />
        <Row name="Shift + arrows" value="pan" />
        <Row name="[ ]" value="step through backward" />
      </dl>
    </>
  );
}
