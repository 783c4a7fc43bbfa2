import type { ComponentChild } from "preact";
import { useEffect } from "preact/hooks";
import { type Atom, useAtom } from "../ui/atom.ts";
import { EmptyPanel } from "../ui/emptyPanel.tsx";
import { Button, ProgressRing } from "../ui/kit.ts";
import { Notice, Spoken } from "../ui/notice.tsx";
import { Splitter } from "../ui/splitter.tsx";
import { CompareView } from "./compareView.tsx";
import { Details } from "./details.tsx";
import { FlameStage } from "./flame/flameStage.tsx";
import { KeptForBackwardView } from "./keptForBackwardView.tsx";
import type { Tab } from "./keptView.ts";
import { LineTable } from "./lineTable.tsx";
import type { Loadable, Loaded } from "./loadable.ts";
import { MemoryView } from "./memoryView.tsx";
import { ModuleTable } from "./moduleTable.tsx";
import { OpTable } from "./opTable.tsx";
import type { ProfilerPanel } from "./profilerPanel.ts";
import { SandwichView } from "./sandwichView.tsx";
import { SpanTable } from "./spanTable.tsx";
import { Tabs } from "./tabs.tsx";
import { Toolbar } from "./toolbar.tsx";

/** The whole panel: one line at the top, the views below it, details in a part at the side. */
export function ProfilerView({ panel }: { readonly panel: ProfilerPanel }): ComponentChild {
  const content = useAtom(panel.content);
  return (
    <main class="panel">
      <h1 class="only-spoken">Profile{content.kind === "profile" ? ` of ${content.run.file}` : ""}</h1>
      {content.kind === "profile" && <Toolbar panel={panel} shown={content} />}
      {content.kind === "profile" && content.warning !== null && <Warning text={content.warning} />}
      {content.kind === "profile" && <Tabs panel={panel} shown={content} />}
      <Middle panel={panel} />
      <Spoken text={panel.spoken} />
      <Notice text={panel.notice} />
    </main>
  );
}

function Warning({ text }: { readonly text: string }): ComponentChild {
  return (
    <div class="alert alert-warning" role="status">
      <span class="codicon codicon-warning" aria-hidden="true" />
      <span>{text}</span>
    </div>
  );
}

function Middle({ panel }: { readonly panel: ProfilerPanel }): ComponentChild {
  const content = useAtom(panel.content);
  const { tab, isSideOpen, sideWidth } = useAtom(panel.arrangement);
  if (content.kind === "nothing") return <Waiting />;
  if (content.kind === "empty") {
    return (
      <EmptyPanel icon="flame" reason={content.reason}>
        {content.action !== null && <Button onClick={() => panel.profileModel()}>{content.action}</Button>}
        {content.isTrace && <Button onClick={() => panel.closeTrace()}>Back to the run</Button>}
      </EmptyPanel>
    );
  }
  if (content.kind === "failed") {
    return (
      <EmptyPanel icon="flame" reason={content.message}>
        <Button onClick={() => void panel.load()}>Try again</Button>
      </EmptyPanel>
    );
  }
  return (
    <div class="middle">
      <div class="stage-holder" id="view" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        <View key={tab} panel={panel} tab={tab} />
      </div>
      {isSideOpen && (
        <>
          <Splitter
            label="Width of the details"
            width={sideWidth}
            least={180}
            most={640}
            onResize={(width) => panel.arrange({ sideWidth: width })}
          />
          <Details panel={panel} />
        </>
      )}
    </div>
  );
}

function View({ panel, tab }: { readonly panel: ProfilerPanel; readonly tab: Tab }): ComponentChild {
  const { isTable } = useAtom(panel.arrangement);
  const { theme } = panel;
  const onReveal = (): void => panel.revealSelected();
  const stage = { theme, onReveal };
  switch (tab) {
    case "timeline":
      return (
        <WhenLoaded of={panel.timeline}>
          {() =>
            isTable ? (
              <SpanTable panel={panel} chart={panel.timelineChart} />
            ) : (
              <FlameStage {...stage} chart={panel.timelineChart} label="Timeline" hasOverview={true} />
            )
          }
        </WhenLoaded>
      );
    case "merged":
      return (
        <WhenLoaded of={panel.merged}>
          {() =>
            isTable ? (
              <SpanTable panel={panel} chart={panel.mergedChart} />
            ) : (
              <FlameStage
                {...stage}
                chart={panel.mergedChart}
                label="Merged calls, heaviest first"
                hasOverview={false}
              />
            )
          }
        </WhenLoaded>
      );
    case "sandwich":
      return <SandwichView panel={panel} />;
    case "ops":
      return <WhenLoaded of={panel.ops}>{(ops) => <OpTable panel={panel} ops={ops} />}</WhenLoaded>;
    case "modules":
      return <WhenLoaded of={panel.modules}>{(nodes) => <ModuleTable panel={panel} nodes={nodes} />}</WhenLoaded>;
    case "lines":
      return <WhenLoaded of={panel.lines}>{(costs) => <LineTable panel={panel} costs={costs} />}</WhenLoaded>;
    case "memory":
      return <WhenLoaded of={panel.memory}>{(memory) => <MemoryView panel={panel} memory={memory} />}</WhenLoaded>;
    case "kept":
      return (
        <WhenLoaded of={panel.memory}>{(memory) => <KeptForBackwardView panel={panel} memory={memory} />}</WhenLoaded>
      );
    case "compare":
      return <CompareView panel={panel} />;
  }
}

interface WhenLoadedProps<T> {
  readonly of: Loadable<T>;
  readonly children: (value: T) => ComponentChild;
}

/** Asks for something when it is looked at, and shows it once it is there. */
export function WhenLoaded<T>({ of, children }: WhenLoadedProps<T>): ComponentChild {
  const state = useAtom(of.state as Atom<Loaded<T>>);
  useEffect(() => of.ensure());
  if (state.kind === "there") return children(state.value);
  if (state.kind === "waiting") return <Waiting />;
  return (
    <EmptyPanel icon="warning" reason={state.message}>
      <Button onClick={() => of.forget()}>Try again</Button>
    </EmptyPanel>
  );
}

/** Appears only when it takes long enough to be read. */
function Waiting(): ComponentChild {
  return (
    <div class="busy" role="status">
      <ProgressRing />
      <span>Reading the profile…</span>
    </div>
  );
}
