import type { ComponentChild } from "preact";
import type { TensorShown } from "../protocol/tensor.ts";
import { useAtom } from "../ui/atom.ts";
import { IconButton } from "../ui/kit.ts";
import { momentOf } from "./model.ts";
import type { TensorPanel } from "./tensorPanel.ts";
import { momentWords } from "./words.ts";

interface StepBarProps {
  readonly panel: TensorPanel;
  readonly shown: TensorShown;
}

/** The time of the run that is looked at, where more than its end was recorded. */
export function StepBar({ panel, shown }: StepBarProps): ComponentChild {
  const look = useAtom(panel.look);
  const { moments } = shown;
  if (look === null || moments.length < 2) return null;
  const last = moments.length - 1;
  const at = momentOf(shown, look);
  const goTo = (index: number): void => {
    const next = Math.max(0, Math.min(last, index));
    panel.change({ moment: next === last ? -1 : next });
  };
  return (
    <div class="step-bar">
      <IconButton icon="chevron-left" label="Step before" disabled={at === 0} onClick={() => goTo(at - 1)} />
      <input
        type="range"
        min={0}
        max={last}
        value={at}
        aria-label="Time of the run"
        aria-valuetext={momentWords(shown, look)}
        onInput={(event) => goTo(Number(event.currentTarget.value))}
      />
      <IconButton icon="chevron-right" label="Step after" disabled={at === last} onClick={() => goTo(at + 1)} />
      <span class="step-words">{momentWords(shown, look)}</span>
    </div>
  );
}
