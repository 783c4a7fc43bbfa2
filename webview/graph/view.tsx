import type { ComponentChild } from "preact";
import { useEffect } from "preact/hooks";
import { useAtom } from "../ui/atom.ts";
import { Button } from "../ui/kit.ts";
import { Splitter } from "../ui/splitter.tsx";
import { AlertBar } from "./alertBar.tsx";
import { BusySign } from "./busySign.tsx";
import { Details } from "./details.tsx";
import type { GraphPanel } from "./graphPanel.ts";
import { NodeTable } from "./nodeTable.tsx";
import { PlaybackBar } from "./playbackBar.tsx";
import { Stage } from "./stage.tsx";
import { Toolbar } from "./toolbar.tsx";

/** The whole panel: one line at the top, the graph below it edge to edge, details in a part at the side. */
export function GraphPanelView({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  const content = useAtom(panel.content);
  return (
    <main class="panel">
      <h1 class="only-spoken">Autograd graph{content.kind === "graph" ? ` of ${content.run.file}` : ""}</h1>
      {content.kind === "graph" && <Toolbar panel={panel} shown={content} />}
      {content.kind === "graph" && <AlertBar panel={panel} />}
      <Middle panel={panel} />
      {content.kind === "graph" && <PlaybackBar panel={panel} />}
      <Spoken panel={panel} />
      <Notice panel={panel} />
    </main>
  );
}

function Middle({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  const content = useAtom(panel.content);
  const arrangement = useAtom(panel.arrangement);
  if (content.kind === "empty") {
    return (
      <EmptyPanel reason={content.reason}>
        {content.action !== null && <Button onClick={() => panel.runModel()}>{content.action}</Button>}
      </EmptyPanel>
    );
  }
  if (content.kind === "failed") {
    return (
      <EmptyPanel reason={content.message}>
        <Button onClick={() => void panel.load()}>Try again</Button>
      </EmptyPanel>
    );
  }
  if (content.kind === "graph" && content.graph.nodes.length === 0) {
    return <EmptyPanel reason="This run recorded no op and no tensor." />;
  }
  return (
    <div class="middle">
      <div class="stage-holder">
        {content.kind === "graph" && (arrangement.isTable ? <NodeTable panel={panel} /> : <Stage panel={panel} />)}
        <BusySign panel={panel} />
      </div>
      {content.kind === "graph" && arrangement.isSideOpen && (
        <>
          <Splitter
            label="Width of the details"
            width={arrangement.sideWidth}
            least={180}
            most={640}
            onResize={(sideWidth) => panel.arrange({ sideWidth })}
          />
          <Details panel={panel} />
        </>
      )}
    </div>
  );
}

/** Why there is nothing to see, and the one button that changes it. */
function EmptyPanel({
  reason,
  children,
}: {
  readonly reason: string;
  readonly children?: ComponentChild;
}): ComponentChild {
  return (
    <div class="empty">
      <span class="codicon codicon-type-hierarchy-sub empty-sign" aria-hidden="true" />
      <p>{reason}</p>
      {children}
    </div>
  );
}

/** Read aloud, never seen. */
function Spoken({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  return (
    <div class="only-spoken" aria-live="polite">
      {useAtom(panel.spoken)}
    </div>
  );
}

/** A short message that goes away by itself. */
function Notice({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  const notice = useAtom(panel.notice);
  useEffect(() => {
    if (notice === null) return;
    const timer = setTimeout(() => panel.notice.set(null), 6000);
    return () => clearTimeout(timer);
  }, [notice, panel]);
  return notice === null ? null : (
    <div class="notice" role="status">
      {notice}
    </div>
  );
}
