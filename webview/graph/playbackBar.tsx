import type { ComponentChild } from "preact";
import { displayName } from "../../engine/recording/layout/text.ts";
import { useAtom } from "../ui/atom.ts";
import { IconButton } from "../ui/kit.ts";
import type { ChainFactor, ChainRule, ChainTerm } from "./chainRule.ts";
import type { GraphPanel } from "./graphPanel.ts";
import { shownChain } from "./lookOf.ts";

/** Steps through backward, with the chain rule written out below. */
export function PlaybackBar({ panel }: { readonly panel: GraphPanel }): ComponentChild {
  const view = useAtom(panel.view);
  const drawn = useAtom(panel.drawn);
  const steps = drawn?.model.graph.backward ?? [];
  if (!view?.showsPlayback || !drawn || steps.length === 0) return null;
  const atWork = drawn.model.graph.nodes[steps[view.step - 1]?.node ?? -1];
  return (
    <section class="playback" aria-label="Backward, step by step">
      <div class="playback-controls">
        <IconButton
          icon="debug-step-back"
          label="Step back"
          disabled={view.step === 0}
          onClick={() => panel.goToStep(view.step - 1)}
        />
        <IconButton
          icon={view.isPlaying ? "debug-pause" : "play"}
          label={view.isPlaying ? "Pause" : "Play"}
          onClick={() => (view.isPlaying ? panel.pause() : panel.play())}
        />
        <IconButton
          icon="debug-step-over"
          label="Step"
          disabled={view.step === steps.length}
          onClick={() => panel.goToStep(view.step + 1)}
        />
        <input
          type="range"
          min={0}
          max={steps.length}
          value={view.step}
          aria-label="Step of backward"
          onInput={(event) => panel.goToStep(Number(event.currentTarget.value))}
        />
        <span class="playback-step">
          {view.step} of {steps.length}
        </span>
        <span class="playback-node">
          {atWork ? displayName(atWork.gradFn ?? atWork.label, 40) : "before the first step"}
        </span>
        <span class="space" />
        <IconButton icon="close" label="Close the animation" onClick={() => panel.closePlayback()} />
      </div>
      <ChainLine panel={panel} chain={shownChain(drawn.model, view)} />
    </section>
  );
}

function ChainLine({ panel, chain }: { readonly panel: GraphPanel; readonly chain: ChainRule | null }): ComponentChild {
  if (!chain)
    return <p class="chain chain-empty">Each step multiplies by one local derivative. Play, or take the first step.</p>;
  return (
    <p class="chain" aria-live="polite">
      <span class="chain-name">{chain.name}</span>
      {chain.terms.map((term, i) => (
        <span key={term.map((factor) => factor.edge).join()}>
          <span class="chain-sign">{i === 0 ? " = " : " + "}</span>
          <Term panel={panel} term={term} />
        </span>
      ))}
      {chain.left > 0 && <span class="chain-sign"> + {chain.left} more ways</span>}
      {chain.result !== null && (
        <>
          <span class="chain-sign"> = </span>
          <strong>{chain.result}</strong>
        </>
      )}
    </p>
  );
}

/** More factors than this are written from both ends. */
const mostFactors = 14;

function Term({ panel, term }: { readonly panel: GraphPanel; readonly term: ChainTerm }): ComponentChild {
  const isLong = term.length > mostFactors;
  const head = isLong ? term.slice(0, mostFactors / 2) : term;
  const tail = isLong ? term.slice(-mostFactors / 2) : [];
  return (
    <>
      <Factors panel={panel} factors={head} />
      {isLong && <span class="chain-sign"> · … {term.length - mostFactors} more … · </span>}
      <Factors panel={panel} factors={tail} />
    </>
  );
}

function Factors({
  panel,
  factors,
}: {
  readonly panel: GraphPanel;
  readonly factors: readonly ChainFactor[];
}): ComponentChild {
  return factors.map((factor, i) => (
    <span key={`${factor.edge} ${i}`}>
      {i > 0 && <span class="chain-sign"> · </span>}
      <button
        type="button"
        class="factor"
        title="Show the edge this factor belongs to"
        onPointerEnter={() => panel.pointAtEdge(factor.edge)}
        onPointerLeave={() => panel.pointAtEdge(-1)}
        onFocus={() => panel.pointAtEdge(factor.edge)}
        onBlur={() => panel.pointAtEdge(-1)}
        onClick={() => panel.revealEdge(factor.edge)}
      >
        {factor.text}
      </button>
    </span>
  ));
}
