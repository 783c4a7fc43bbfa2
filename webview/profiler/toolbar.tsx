import type { ComponentChild } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ProfileFormat, ProfileShown } from "../protocol/profiler.ts";
import { useAtom } from "../ui/atom.ts";
import { IconButton, TextField } from "../ui/kit.ts";
import { Menu } from "../ui/menu.tsx";
import { RunLine } from "../ui/runLine.tsx";
import type { ProfilerPanel } from "./profilerPanel.ts";

/** What a profile is exported as; a trace of another program has too little for a report. */
const formats: readonly { readonly format: ProfileFormat; readonly label: string; readonly icon: string }[] = [
  { format: "trace", label: "Trace, for Perfetto", icon: "file-code" },
  { format: "speedscope", label: "Profile, for speedscope", icon: "file-code" },
  { format: "csv", label: "CSV, the table of ops", icon: "table" },
  { format: "report", label: "HTML, a report", icon: "file-media" },
];

/** The one line at the top: what run this is, search, how to look at it, export. */
export function Toolbar({
  panel,
  shown,
}: {
  readonly panel: ProfilerPanel;
  readonly shown: ProfileShown;
}): ComponentChild {
  const { tab, isTable, isSideOpen } = useAtom(panel.arrangement);
  const isChart = tab === "timeline" || tab === "merged" || tab === "sandwich" || tab === "memory";
  return (
    <div class="toolbar" role="toolbar" aria-label="Profile">
      <RunLine run={shown.run} />
      <span class="space" />
      <Search panel={panel} />
      <span class="space" />
      <span class="tools">
        {isChart && (
          <IconButton
            icon={isTable ? "flame" : "table"}
            label={isTable ? "Show as chart" : "Show as table"}
            pressed={isTable}
            onClick={() => panel.arrange({ isTable: !isTable })}
          />
        )}
        <IconButton icon="folder-opened" label="Open a trace" onClick={() => panel.openTrace()} />
        <Menu
          icon="desktop-download"
          label="Export"
          items={formats
            .filter(({ format }) => shown.source === "run" || format !== "report")
            .map(({ format, label, icon }) => ({ label, icon, onChoose: () => void panel.export(format) }))}
        />
        {shown.source === "trace" && (
          <IconButton icon="close" label="Back to the run" onClick={() => panel.closeTrace()} />
        )}
        <IconButton
          icon="layout-sidebar-right"
          label="Details"
          pressed={isSideOpen}
          onClick={() => panel.arrange({ isSideOpen: !isSideOpen })}
        />
      </span>
    </div>
  );
}

function Search({ panel }: { readonly panel: ProfilerPanel }): ComponentChild {
  const query = useAtom(panel.query);
  const count = useAtom(panel.foundCount);
  const field = useRef<HTMLElement>(null);
  useEffect(() => {
    const focusSearch = (event: KeyboardEvent): void => {
      if (event.key !== "f" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      field.current?.focus();
    };
    window.addEventListener("keydown", focusSearch);
    return () => window.removeEventListener("keydown", focusSearch);
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") panel.stepFound(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") panel.search("");
  };
  return (
    <search class="search">
      <TextField
        label="Search names"
        placeholder="Search"
        value={query}
        onInput={(text) => panel.search(text)}
        onKeyDown={onKeyDown}
        elementRef={field}
      />
      {query !== "" && <span class="search-count">{count === 0 ? "none" : count.toLocaleString("en")}</span>}
      <IconButton icon="chevron-up" label="Previous match" disabled={count === 0} onClick={() => panel.stepFound(-1)} />
      <IconButton icon="chevron-down" label="Next match" disabled={count === 0} onClick={() => panel.stepFound(1)} />
    </search>
  );
}
