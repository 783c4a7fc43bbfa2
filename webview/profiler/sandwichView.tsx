import type { ComponentChild } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { timeText } from "../../engine/recording/layout/flame/timeTicks.ts";
import { displayName } from "../../engine/recording/layout/text.ts";
import type { PackedTimeline } from "../protocol/timeline.ts";
import { useAtom } from "../ui/atom.ts";
import { type TableColumn, VirtualTable } from "../ui/virtualTable.tsx";
import { FlameStage } from "./flame/flameStage.tsx";
import type { ProfilerPanel } from "./profilerPanel.ts";
import { SpanTable } from "./spanTable.tsx";
import { WhenLoaded } from "./view.tsx";

/** Names on the left; of the chosen one who called it and what it called, merged, on the right. */
export function SandwichView({ panel }: { readonly panel: ProfilerPanel }): ComponentChild {
  const name = useAtom(panel.sandwichName);
  return (
    <div class="sandwich">
      <div class="sandwich-names">
        <WhenLoaded of={panel.timeline}>
          {(timeline) => <Names panel={panel} timeline={timeline} chosen={name} />}
        </WhenLoaded>
      </div>
      <div class="sandwich-charts">{name !== null && <Charts panel={panel} name={name} />}</div>
    </div>
  );
}

function Charts({ panel, name }: { readonly panel: ProfilerPanel; readonly name: string }): ComponentChild {
  const { isTable } = useAtom(panel.arrangement);
  const stage = { theme: panel.theme, hasOverview: false, onReveal: () => panel.revealSelected() };
  const title = displayName(name, 60);
  const parts = [
    { chart: panel.callersChart, title: `Who called ${title}` },
    { chart: panel.calleesChart, title: `What ${title} called` },
  ];
  return (
    <WhenLoaded of={panel.sandwich}>
      {() =>
        parts.map(({ chart, title: label }) => (
          <section key={label} class="sandwich-part" aria-label={label}>
            <h2>{label}</h2>
            <div class="sandwich-chart">
              {isTable ? (
                <SpanTable panel={panel} chart={chart} />
              ) : (
                <FlameStage {...stage} chart={chart} label={label} />
              )}
            </div>
          </section>
        ))
      }
    </WhenLoaded>
  );
}

interface NamesProps {
  readonly panel: ProfilerPanel;
  readonly timeline: PackedTimeline;
  readonly chosen: string | null;
}

function Names({ panel, timeline, chosen }: NamesProps): ComponentChild {
  const query = useAtom(panel.query);
  const sums = useMemo(() => totalsOf(timeline), [timeline]);
  const rows = useMemo(() => {
    const wanted = query.trim().toLowerCase();
    const all = Array.from(timeline.names.keys()).filter((id) => (sums.calls[id] ?? 0) > 0);
    return all.filter((id) => (timeline.names[id] ?? "").slice(0, 1000).toLowerCase().includes(wanted));
  }, [timeline, sums, query]);
  const heaviest = rows.reduce((best, id) => ((sums.total[id] ?? 0) > (sums.total[best] ?? -1) ? id : best), -1);
  useEffect(() => {
    const first = timeline.names[heaviest];
    if (chosen === null && first !== undefined) panel.chooseSandwich(first);
  }, [chosen, heaviest, panel, timeline]);
  const columns = useMemo(() => columnsOf(timeline, sums), [timeline, sums]);
  const isSelected = useMemo(() => (row: number) => timeline.names[row] === chosen, [timeline, chosen]);
  return (
    <VirtualTable
      label="Names"
      columns={columns}
      rows={rows}
      isSelected={isSelected}
      sort={byTotal}
      onChoose={(row) => panel.chooseSandwich(timeline.names[row] ?? "")}
    />
  );
}

const byTotal = { column: 1, isDown: true };

interface NameSums {
  readonly total: Float64Array;
  readonly calls: Uint32Array;
}

function totalsOf({ count, names, name, start, end }: PackedTimeline): NameSums {
  const sums = { total: new Float64Array(names.length), calls: new Uint32Array(names.length) };
  for (let span = 0; span < count; span++) {
    const id = name[span] ?? 0;
    sums.total[id] = (sums.total[id] ?? 0) + (end[span] ?? 0) - (start[span] ?? 0);
    sums.calls[id] = (sums.calls[id] ?? 0) + 1;
  }
  return sums;
}

function columnsOf({ names }: PackedTimeline, { total, calls }: NameSums): readonly TableColumn[] {
  const most = total.reduce((a, b) => Math.max(a, b), 0);
  return [
    { name: "name", isNumber: false, text: (id) => displayName(names[id] ?? "", 60), order: (id) => names[id] ?? "" },
    {
      name: "total",
      isNumber: true,
      text: (id) => timeText(total[id] ?? 0),
      order: (id) => total[id] ?? 0,
      share: (id) => (total[id] ?? 0) / most,
    },
    {
      name: "calls",
      isNumber: true,
      text: (id) => (calls[id] ?? 0).toLocaleString("en"),
      order: (id) => calls[id] ?? 0,
    },
  ];
}
