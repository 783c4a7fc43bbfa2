import { boxOfSelection } from "./drawn.ts";
import type { GraphPanel } from "./graphPanel.ts";
import { type Direction, readingOrder, step, walk } from "./walk.ts";

const arrows: Readonly<Record<string, Direction>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
};

/** Screen pixels one arrow key pans. */
const panStep = 80;

/** Everything the keyboard does on the graph; a key it does not know is left to the page. */
export function handleKey(panel: GraphPanel, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const direction = arrows[event.key];
  const handled = direction
    ? moveBy(panel, direction, event.shiftKey)
    : event.key === "Tab"
      ? tab(panel, event.shiftKey ? -1 : 1)
      : act(panel, event.key);
  if (!handled) return;
  event.preventDefault();
  event.stopPropagation();
}

/** Along an edge when something is selected; otherwise, and with Shift, over the drawing. */
function moveBy(panel: GraphPanel, direction: Direction, pans: boolean): boolean {
  const drawn = panel.drawn.get();
  const selected = selectedBox(panel);
  if (!drawn) return false;
  if (pans || selected < 0) {
    const dx = direction === "left" ? panStep : direction === "right" ? -panStep : 0;
    const dy = direction === "up" ? panStep : direction === "down" ? -panStep : 0;
    panel.camera.pan(dx, dy);
    return true;
  }
  const next = walk(drawn.drawing, selected, direction);
  if (next >= 0) panel.walkTo(next);
  return true;
}

/** From the selected box to the next in reading order; after the last one, and while none is selected, the focus leaves the graph. */
function tab(panel: GraphPanel, by: 1 | -1): boolean {
  const drawn = panel.drawn.get();
  const selected = selectedBox(panel);
  if (!drawn || selected < 0) return false;
  const next = step(readingOrder(drawn.drawing), selected, by);
  if (next >= 0) panel.walkTo(next);
  return next >= 0;
}

function act(panel: GraphPanel, key: string): boolean {
  const step = panel.view.get()?.step ?? 0;
  const isSelected = selectedBox(panel) >= 0;
  const actions: Readonly<Record<string, () => void>> = {
    Enter: () => (isSelected ? panel.revealSelected() : selectFirst(panel)),
    " ": () => (isSelected ? foldSelected(panel) : selectFirst(panel)),
    Escape: () => panel.clearSelection(),
    "+": () => panel.camera.zoomSmoothly(1.4),
    "=": () => panel.camera.zoomSmoothly(1.4),
    "-": () => panel.camera.zoomSmoothly(1 / 1.4),
    f: () => panel.fit(),
    F: () => panel.fit(),
    "[": () => panel.goToStep(step - 1),
    "]": () => panel.goToStep(step + 1),
  };
  const action = Object.hasOwn(actions, key) ? actions[key] : undefined;
  action?.();
  return action !== undefined;
}

/** The way in: from here Tab and the arrows walk. */
function selectFirst(panel: GraphPanel): void {
  const drawn = panel.drawn.get();
  if (drawn) panel.walkTo(readingOrder(drawn.drawing)[0] ?? -1);
}

/** Unfolds a folded module, or folds the one around the selected node. */
function foldSelected(panel: GraphPanel): void {
  const selected = panel.view.get()?.selected;
  const model = panel.drawn.get()?.model;
  if (!selected || !model) return;
  const key = selected.kind === "scope" ? selected.key : model.tree.scopes[model.tree.ofNode[selected.node] ?? -1]?.key;
  if (key !== undefined) panel.toggleFold(key);
}

function selectedBox(panel: GraphPanel): number {
  const drawn = panel.drawn.get();
  return drawn ? boxOfSelection(drawn, panel.view.get()?.selected ?? null) : -1;
}
