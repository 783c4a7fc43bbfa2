import type { ComponentChild } from "preact";
import { useMemo } from "preact/hooks";
import { timeText } from "../../engine/recording/layout/flame/timeTicks.ts";
import { displayName, shapeText, shortNumber } from "../../engine/recording/layout/text.ts";
import type { ComparedSite, Divergence } from "../../engine/recording/queries/profile/compare.ts";
import type { ComparisonReply } from "../protocol/profiler.ts";
import { useAtom } from "../ui/atom.ts";
import { EmptyPanel } from "../ui/emptyPanel.tsx";
import { Button, Dropdown, IconButton } from "../ui/kit.ts";
import { type TableColumn, VirtualTable } from "../ui/virtualTable.tsx";
import type { ProfilerPanel } from "./profilerPanel.ts";
import { isSelectedLine } from "./selection.ts";
import { placeText } from "./spanWords.ts";
import { WhenLoaded } from "./view.tsx";

/** This run beside an earlier one: what got slower, what is new, what is gone, and where the numbers part. */
export function CompareView({ panel }: { readonly panel: ProfilerPanel }): ComponentChild {
  const content = useAtom(panel.content);
  const other = useAtom(panel.other);
  if (content.kind !== "profile") return null;
  if (content.others.length === 0) {
    return (
      <EmptyPanel
        icon="git-compare"
        reason="There is no other run to compare with. Run the model again, and the two stand beside each other here."
      >
        <Button onClick={() => void panel.compareWithSaved()}>Compare with a saved recording</Button>
      </EmptyPanel>
    );
  }
  return (
    <div class="table-view">
      <div class="table-tools">
        <span class="quiet">compared with</span>
        <Dropdown
          label="Compared with"
          options={content.others}
          chosen={other}
          onChoose={(id) => panel.compareWith(id)}
        />
        <IconButton
          icon="folder-opened"
          label="Compare with a saved recording"
          onClick={() => void panel.compareWithSaved()}
        />
      </div>
      <div class="table-place">
        <WhenLoaded of={panel.comparison}>{(reply) => <Compared panel={panel} reply={reply} />}</WhenLoaded>
      </div>
    </div>
  );
}

function Compared({
  panel,
  reply,
}: {
  readonly panel: ProfilerPanel;
  readonly reply: ComparisonReply;
}): ComponentChild {
  const { sites, firstTotal, secondTotal, divergence } = reply.comparison;
  const selection = useAtom(panel.selection);
  const columns = useMemo(() => columnsOf(sites), [sites]);
  const placeOf = (row: number) => sites[row]?.second?.place ?? sites[row]?.first?.place ?? null;
  return (
    <div class="table-view fills">
      <p class="summary">
        {timeText(firstTotal)} before, {timeText(secondTotal)} now. {divergence ? "" : "Every number is the same."}
        {divergence && <Parting panel={panel} divergence={divergence} />}
      </p>
      <div class="table-place">
        <VirtualTable
          label="What changed"
          columns={columns}
          rows={[...sites.keys()]}
          isSelected={(row) => isSelectedLine(selection, placeOf(row))}
          onChoose={(row) => panel.choose({ place: placeOf(row) })}
        />
      </div>
    </div>
  );
}

/** Where the two runs' numbers part for the first time. */
function Parting({
  panel,
  divergence,
}: {
  readonly panel: ProfilerPanel;
  readonly divergence: Divergence;
}): ComponentChild {
  const { op, phase, step, shapes, firstValue, secondValue, secondPlace, firstPlace } = divergence;
  const place = secondPlace ?? firstPlace;
  const [before, now] = shapes ? shapes.map(shapeText) : [shortNumber(firstValue), shortNumber(secondValue)];
  return (
    <>
      The numbers part at {displayName(op, 40)} ({phase}, step {step})
      {place && (
        <>
          {", "}
          <button type="button" class="link-button" onClick={() => panel.choose({ place })}>
            {placeText(place)}
          </button>
        </>
      )}
      : {before} before, {now} now.
    </>
  );
}

const changeSigns: Readonly<Record<ComparedSite["change"], string>> = {
  slower: "▲ slower",
  faster: "▼ faster",
  same: "= same",
  new: "+ new",
  gone: "− gone",
};

function columnsOf(sites: readonly ComparedSite[]): readonly TableColumn[] {
  const both = (side: ComparedSite["first"]): number => (side ? side.forward + side.backward : Number.NaN);
  const most = sites.reduce((found, { difference }) => Math.max(found, Math.abs(difference)), 1e-12);
  const at = (row: number): ComparedSite | undefined => sites[row];
  return [
    {
      name: "line",
      isNumber: false,
      text: (row) => {
        const place = at(row)?.second?.place ?? at(row)?.first?.place;
        return place ? placeText(place) : "";
      },
      order: (row) => (at(row)?.second?.place ?? at(row)?.first?.place)?.line ?? 0,
    },
    {
      name: "ops",
      isNumber: false,
      text: (row) => displayName(at(row)?.ops.join(", ") ?? "", 60),
      order: (row) => at(row)?.ops[0] ?? "",
    },
    {
      name: "change",
      isNumber: false,
      text: (row) => changeSigns[at(row)?.change ?? "same"],
      order: (row) => at(row)?.change ?? "",
    },
    {
      name: "before",
      isNumber: true,
      text: (row) => timeText(both(at(row)?.first ?? null)),
      order: (row) => both(at(row)?.first ?? null),
    },
    {
      name: "now",
      isNumber: true,
      text: (row) => timeText(both(at(row)?.second ?? null)),
      order: (row) => both(at(row)?.second ?? null),
    },
    {
      name: "difference",
      isNumber: true,
      text: (row) => {
        const difference = at(row)?.difference ?? 0;
        return `${difference > 0 ? "+" : ""}${timeText(difference)}`;
      },
      order: (row) => at(row)?.difference ?? 0,
      share: (row) => Math.abs(at(row)?.difference ?? 0) / most,
    },
    {
      name: "calls",
      isNumber: true,
      text: (row) => callsText(at(row)?.first?.calls ?? 0, at(row)?.second?.calls ?? 0),
      order: (row) => at(row)?.second?.calls ?? 0,
    },
  ];
}

/** `20`, or `20 → 18`: both only where they differ. */
function callsText(before: number, now: number): string {
  const text = now.toLocaleString("en");
  return before === now ? text : `${before.toLocaleString("en")} → ${text}`;
}
