import type { ComponentChild } from "preact";
import { useRef } from "preact/hooks";
import type { ProfileShown } from "../protocol/profiler.ts";
import { useAtom } from "../ui/atom.ts";
import { type Tab, tabs } from "./keptView.ts";
import { isForTraces, type ProfilerPanel } from "./profilerPanel.ts";

const titles: Readonly<Record<Tab, string>> = {
  timeline: "Timeline",
  merged: "Left-heavy",
  sandwich: "Sandwich",
  ops: "Ops",
  modules: "Modules",
  lines: "Lines",
  memory: "Memory",
  kept: "Kept for backward",
  compare: "Compare",
};

/** The views to choose from; arrow keys go from one to the next. */
export function Tabs({
  panel,
  shown,
}: {
  readonly panel: ProfilerPanel;
  readonly shown: ProfileShown;
}): ComponentChild {
  const { tab } = useAtom(panel.arrangement);
  const list = useRef<HTMLDivElement>(null);
  const offered = tabs.filter((one) => shown.source === "run" || isForTraces(one));
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = offered[(offered.indexOf(panel.arrangement.get().tab) + by + offered.length) % offered.length];
    if (by === 0 || next === undefined) return;
    event.preventDefault();
    panel.arrange({ tab: next });
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
  };
  return (
    <div class="tabs" role="tablist" aria-label="Views of the profile" ref={list} onKeyDown={onKeyDown}>
      {offered.map((one) => (
        <button
          type="button"
          key={one}
          id={`tab-${one}`}
          role="tab"
          aria-selected={one === tab}
          aria-controls="view"
          tabIndex={one === tab ? 0 : -1}
          onClick={() => panel.arrange({ tab: one })}
        >
          {titles[one]}
        </button>
      ))}
    </div>
  );
}
