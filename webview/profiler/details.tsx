import type { ComponentChild } from "preact";
import { rowOfSpan } from "../../engine/recording/layout/flame/flameRows.ts";
import { timeText } from "../../engine/recording/layout/flame/timeTicks.ts";
import { displayName } from "../../engine/recording/layout/text.ts";
import { SpanKind } from "../../engine/recording/queries/profile/timeline.ts";
import { useAtom } from "../ui/atom.ts";
import { Button, IconButton } from "../ui/kit.ts";
import type { FlameModel } from "./flame/flameChart.ts";
import type { ProfilerPanel } from "./profilerPanel.ts";
import type { Selection } from "./selection.ts";
import { kindWords, nameOf, percentText, placeOfSpan, placeText } from "./spanWords.ts";

/** What is selected, in full, with ways to go on from there. */
export function Details({ panel }: { readonly panel: ProfilerPanel }): ComponentChild {
  const { sideWidth } = useAtom(panel.arrangement);
  const selection = useAtom(panel.selection);
  const model = useAtom(panel.timelineChart.model);
  const isEmpty = selection.name === null && selection.place === null;
  return (
    <aside class="details" aria-label="Details" style={{ width: `${sideWidth}px` }}>
      {isEmpty || !model ? <Hints /> : <Selected panel={panel} selection={selection} model={model} />}
    </aside>
  );
}

function Selected({ panel, selection, model }: SelectedProps): ComponentChild {
  const { name, place, span } = selection;
  const title = name ?? (place ? placeText(place) : "");
  return (
    <>
      <div class="details-title">
        <h2>{displayName(title, 200)}</h2>
        <IconButton icon="close" label="Clear the selection" onClick={() => panel.clearSelection()} />
      </div>
      {place && (
        <p>
          <button type="button" class="link-button" onClick={() => panel.revealSource(place)}>
            {placeText(place)}
          </button>
        </p>
      )}
      {span >= 0 && <SpanFacts panel={panel} model={model} span={span} />}
      <NameFacts model={model} selection={selection} />
      <div class="details-actions">
        {name !== null && (
          <Button primary={false} onClick={() => panel.openSandwich(name)}>
            Callers and callees
          </Button>
        )}
        {place && (
          <Button primary={false} onClick={() => panel.showInGraph(place)}>
            Show in graph
          </Button>
        )}
      </div>
    </>
  );
}

interface SelectedProps {
  readonly panel: ProfilerPanel;
  readonly selection: Selection;
  readonly model: FlameModel;
}

function SpanFacts({
  panel,
  model,
  span,
}: {
  readonly panel: ProfilerPanel;
  readonly model: FlameModel;
  readonly span: number;
}): ComponentChild {
  const { timeline } = model;
  const { start, end, kind, link, begin, finish } = timeline;
  const length = (end[span] ?? 0) - (start[span] ?? 0);
  const forward = link[span] ?? -1;
  const backward = kind[span] === SpanKind.forward ? link.indexOf(span) : -1;
  return (
    <>
      <dl>
        <dt>kind</dt>
        <dd>{kindWords[kind[span] ?? 0]}</dd>
        <dt>time</dt>
        <dd>{timeText(length)}</dd>
        <dt>self</dt>
        <dd>{timeText(length - childTime(model, span))}</dd>
        <dt>of all</dt>
        <dd>{percentText(length / Math.max(1e-9, finish - begin))}</dd>
        <dt>starts at</dt>
        <dd>{timeText(start[span] ?? 0)}</dd>
      </dl>
      {forward >= 0 && <LinkTo panel={panel} model={model} span={forward} words="Backward of" />}
      {backward >= 0 && <LinkTo panel={panel} model={model} span={backward} words="Its backward" />}
    </>
  );
}

interface LinkToProps {
  readonly panel: ProfilerPanel;
  readonly model: FlameModel;
  readonly span: number;
  readonly words: string;
}

function LinkTo({ panel, model: { timeline }, span, words }: LinkToProps): ComponentChild {
  const place = placeOfSpan(timeline, span);
  const length = (timeline.end[span] ?? 0) - (timeline.start[span] ?? 0);
  return (
    <>
      <h3>{words}</h3>
      <p>
        <button type="button" class="link-button" onClick={() => panel.goTo(span)}>
          {displayName(nameOf(timeline, span), 80)}
        </button>
        , {timeText(length)}
        {place ? `, ${placeText(place)}` : ""}
      </p>
    </>
  );
}

/** All spans of the name, or of the line, together. */
function NameFacts({
  model,
  selection,
}: {
  readonly model: FlameModel;
  readonly selection: Selection;
}): ComponentChild {
  const { timeline } = model;
  const wanted = selection.name === null ? -1 : timeline.names.indexOf(selection.name);
  if (wanted < 0) return null;
  let count = 0;
  let total = 0;
  for (let span = 0; span < timeline.count; span++) {
    if (timeline.name[span] !== wanted) continue;
    count++;
    total += (timeline.end[span] ?? 0) - (timeline.start[span] ?? 0);
  }
  return (
    <>
      <h3>All of this name</h3>
      <dl>
        <dt>calls</dt>
        <dd>{count.toLocaleString("en")}</dd>
        <dt>total</dt>
        <dd>{timeText(total)}</dd>
        <dt>each</dt>
        <dd>{timeText(total / Math.max(1, count))}</dd>
      </dl>
    </>
  );
}

/** Milliseconds of the spans right inside, in the same lane. */
function childTime({ rows, timeline }: FlameModel, span: number): number {
  const row = rowOfSpan(rows, span) + 1;
  if (rows.laneOfRow[row] !== timeline.lane[span] || row >= rows.count) return 0;
  let sum = 0;
  for (let i = rows.first[row] ?? 0; i < (rows.first[row + 1] ?? 0); i++) {
    const inner = rows.span[i] ?? 0;
    const start = timeline.start[inner] ?? 0;
    if (start >= (timeline.end[span] ?? 0)) break;
    if (start >= (timeline.start[span] ?? 0)) sum += (timeline.end[inner] ?? 0) - start;
  }
  return sum;
}

function Hints(): ComponentChild {
  return (
    <>
      <h2>Nothing selected</h2>
      <p class="quiet">Select a span or a row: it is selected in every view, and its line is shown in the editor.</p>
      <div class="keys">
        <dl>
          <dt>wheel, + −</dt>
          <dd>zoom</dd>
          <dt>drag, Shift+wheel</dt>
          <dd>move</dd>
          <dt>double click, Z</dt>
          <dd>zoom to a span</dd>
          <dt>arrow keys</dt>
          <dd>from span to span</dd>
          <dt>L</dt>
          <dd>backward ↔ forward</dd>
          <dt>N</dt>
          <dd>next match</dd>
          <dt>F</dt>
          <dd>show all</dd>
        </dl>
      </div>
    </>
  );
}
