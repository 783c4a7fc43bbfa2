import type { ComponentChild } from "preact";
import { useAtom } from "../ui/atom.ts";
import { EmptyPanel } from "../ui/emptyPanel.tsx";
import { Button } from "../ui/kit.ts";
import { Notice, Spoken } from "../ui/notice.tsx";
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
      <Spoken text={panel.spoken} />
      <Notice text={panel.notice} />
    </main>
  );
}

function Middle({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  const content = useAtom(panel.content);
  const arrangement = useAtom(panel.arrangement);
  if (content.kind === "empty") {
    return (
      <EmptyPanel icon="type-hierarchy-sub" reason={content.reason}>
        {content.action !== null && <Button onClick={() => panel.runModel()}>{content.action}</Button>}
      </EmptyPanel>
    );
  }
  if (content.kind === "failed") {
    return (
      <EmptyPanel icon="type-hierarchy-sub" reason={content.message}>
        <Button onClick={() => void panel.load()}>Try again</Button>
      </EmptyPanel>
    );
  }
  if (content.kind === "graph" && content.graph.nodes.length === 0) {
    return <EmptyPanel icon="type-hierarchy-sub" reason="This run recorded no op and no tensor." />;
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
