import type { ComponentChild } from "preact";
import { displayName, shapeText } from "../../engine/recording/layout/text.ts";
import type { TensorShown } from "../protocol/tensor.ts";
import { useAtom } from "../ui/atom.ts";
import { EmptyPanel } from "../ui/emptyPanel.tsx";
import { Button, IconButton } from "../ui/kit.ts";
import { Menu } from "../ui/menu.tsx";
import { Notice, Spoken } from "../ui/notice.tsx";
import { PlaceLink } from "../ui/placeLink.tsx";
import { Controls } from "./controls.tsx";
import { Figures } from "./figures.tsx";
import { HeatPicture } from "./heatPicture.tsx";
import { NumberGrid } from "./numberGrid.tsx";
import { StepBar } from "./stepBar.tsx";
import type { TensorPanel } from "./tensorPanel.ts";
import { whyNothing } from "./words.ts";

/** The whole panel: which tensor this is, how it is looked at, its numbers or their picture, its figures, and the time of the run. */
export function TensorView({ panel }: { readonly panel: TensorPanel }): ComponentChild {
  const content = useAtom(panel.content);
  return (
    <main class="panel">
      <h1 class="only-spoken">
        Tensor viewer{content.kind === "tensor" ? `: ${displayName(content.key.name, 80)}` : ""}
      </h1>
      {content.kind === "tensor" && <Shown panel={panel} shown={content} />}
      {content.kind === "empty" && (
        <EmptyPanel icon="table" reason={content.reason}>
          {content.canChoose && <Button onClick={() => panel.choose()}>Choose a tensor</Button>}
          {content.action !== null && <Button onClick={() => panel.runModel()}>{content.action}</Button>}
        </EmptyPanel>
      )}
      {content.kind === "failed" && (
        <EmptyPanel icon="table" reason={content.message}>
          <Button onClick={() => void panel.load()}>Try again</Button>
        </EmptyPanel>
      )}
      <Spoken text={panel.spoken} />
      <Notice text={panel.notice} />
    </main>
  );
}

function Shown({ panel, shown }: { readonly panel: TensorPanel; readonly shown: TensorShown }): ComponentChild {
  return (
    <>
      <TopLine panel={panel} shown={shown} />
      <Controls panel={panel} shown={shown} />
      <div class="tensor-body">
        <Numbers panel={panel} shown={shown} />
        <Figures panel={panel} shown={shown} />
      </div>
      <StepBar panel={panel} shown={shown} />
    </>
  );
}

function TopLine({ panel, shown }: { readonly panel: TensorPanel; readonly shown: TensorShown }): ComponentChild {
  const { key, shape, dtype, place, requiresGrad, gradFn, role } = shown;
  const facts = [role, shapeText(shape), dtype, requiresGrad ? "requires grad" : "", gradFn ?? ""];
  const factsText = facts.filter((fact) => fact !== "").join(" · ");
  return (
    <div class="toolbar" role="toolbar" aria-label="Tensor">
      <span class="run">
        <span class="tensor-name" title={displayName(key.name, 400)}>
          {displayName(key.name || "unnamed", 60)}
        </span>
        {place && <PlaceLink place={place} onClick={() => panel.reveal(place)} />}
        <span class="tensor-facts" title={factsText}>
          {factsText}
        </span>
      </span>
      <span class="space" />
      <span class="tools">
        <IconButton icon="search" label="Choose another tensor" onClick={() => panel.choose()} />
        {place && (
          <IconButton icon="type-hierarchy" label="Show in the graph" onClick={() => panel.showInGraph(place)} />
        )}
        <Menu
          icon="copy"
          label="Copy"
          items={[
            { label: "Copy as CSV", icon: "table", onChoose: () => void panel.copy("csv") },
            { label: "Copy as JSON", icon: "json", onChoose: () => void panel.copy("json") },
          ]}
        />
      </span>
    </div>
  );
}

function Numbers({ panel, shown }: { readonly panel: TensorPanel; readonly shown: TensorShown }): ComponentChild {
  const slice = useAtom(panel.slice);
  const look = useAtom(panel.look);
  if (look === null) return <div class="numbers" />;
  if (slice === null) {
    const { reasonPlace } = shown;
    const isGradient = look.of !== "value";
    return (
      <EmptyPanel icon="circle-slash" reason={whyNothing(shown, look)}>
        {isGradient && reasonPlace && <PlaceLink place={reasonPlace} onClick={() => panel.reveal(reasonPlace)} />}
      </EmptyPanel>
    );
  }
  if (slice.rows * slice.columns === 0) return <EmptyPanel icon="table" reason="This tensor has no elements." />;
  return (
    <div class="numbers">
      {look.as === "table" ? (
        <NumberGrid key={`${shown.id}`} panel={panel} shown={shown} look={look} slice={slice} />
      ) : (
        <HeatPicture panel={panel} look={look} slice={slice} />
      )}
    </div>
  );
}
