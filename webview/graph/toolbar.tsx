import type { ComponentChild } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { GraphShown } from "../protocol/graph.ts";
import { useAtom } from "../ui/atom.ts";
import { Dropdown, Icon, IconButton, TextField } from "../ui/kit.ts";
import { Menu } from "../ui/menu.tsx";
import { RunLine } from "../ui/runLine.tsx";
import type { GraphPanel } from "./graphPanel.ts";

/** The one line at the top: what run this is, search, how to look at it, export. */
export function Toolbar({ panel, shown }: { readonly panel: GraphPanel; readonly shown: GraphShown }): ComponentChild {
  const view = useAtom(panel.view);
  const { isTable, isSideOpen } = useAtom(panel.arrangement);
  if (!view) return null;
  const hasModules = shown.graph.groups.length > 0;
  const hasBackward = shown.graph.backward.length > 0;
  return (
    <div class="toolbar" role="toolbar" aria-label="Graph">
      <RunLine run={shown.run} />
      {shown.choices.length > 1 && (
        <Dropdown
          label="Which backward call"
          options={shown.choices}
          chosen={shown.choice}
          onChoose={(choice) => void panel.load(choice)}
        />
      )}
      {shown.graph.truncated && (
        <span class="truncated" title="The recording holds more nodes than can be drawn at once.">
          <Icon name="warning" /> cut short
        </span>
      )}
      <span class="space" />
      <Search panel={panel} />
      <span class="space" />
      <span class="tools">
        {hasModules && <IconButton icon="collapse-all" label="Fold all modules" onClick={() => panel.foldAll()} />}
        {hasModules && <IconButton icon="expand-all" label="Unfold all modules" onClick={() => panel.unfoldAll()} />}
        {hasBackward && <Directions panel={panel} direction={view.direction} />}
        {hasBackward && (
          <IconButton
            icon={view.isPlaying ? "debug-pause" : "play"}
            label={view.isPlaying ? "Pause backward" : "Play backward"}
            onClick={() => (view.isPlaying ? panel.pause() : panel.play())}
          />
        )}
        <IconButton
          icon={isTable ? "type-hierarchy-sub" : "table"}
          label={isTable ? "Show as graph" : "Show as table"}
          pressed={isTable}
          onClick={() => panel.arrange({ isTable: !isTable })}
        />
        <Menu
          icon="desktop-download"
          label="Export"
          items={[
            { label: "SVG, for documents", icon: "file-media", onChoose: () => void panel.save("svg") },
            { label: "PNG, a picture", icon: "file-media", onChoose: () => void panel.save("png") },
            { label: "DOT, for Graphviz", icon: "file-code", onChoose: () => void panel.save("dot") },
          ]}
        />
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

function Directions({ panel, direction }: { readonly panel: GraphPanel; readonly direction: string }): ComponentChild {
  return (
    <fieldset class="directions" aria-label="Direction">
      <IconButton
        icon="arrow-down"
        label="Forward: values and shapes"
        pressed={direction === "forward"}
        onClick={() => panel.setDirection("forward")}
      />
      <IconButton
        icon="arrow-up"
        label="Backward: gradients"
        pressed={direction === "backward"}
        onClick={() => panel.setDirection("backward")}
      />
    </fieldset>
  );
}

function Search({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  const view = useAtom(panel.view);
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
  if (!view) return null;

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") panel.stepMatch(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") panel.search("");
  };
  const { query, matches, match } = view;
  const count = matches.length === 0 ? "none" : match < 0 ? `${matches.length}` : `${match + 1} of ${matches.length}`;
  return (
    <search class="search">
      <TextField
        label="Search names, ops and modules"
        placeholder="Search"
        value={query}
        onInput={(text) => panel.search(text)}
        onKeyDown={onKeyDown}
        elementRef={field}
      />
      {query !== "" && <span class="search-count">{count}</span>}
      <IconButton
        icon="chevron-up"
        label="Previous match"
        disabled={matches.length === 0}
        onClick={() => panel.stepMatch(-1)}
      />
      <IconButton
        icon="chevron-down"
        label="Next match"
        disabled={matches.length === 0}
        onClick={() => panel.stepMatch(1)}
      />
    </search>
  );
}
