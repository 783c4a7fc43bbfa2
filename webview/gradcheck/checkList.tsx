import type { ComponentChild } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { displayName } from "../../engine/recording/layout/text.ts";
import type { ShownGradcheck } from "../protocol/gradcheck.ts";
import type { GradcheckPanel } from "./gradcheckPanel.ts";
import { causeWords } from "./model.ts";

interface CheckListProps {
  readonly panel: GradcheckPanel;
  readonly checks: readonly ShownGradcheck[];
  readonly chosen: number;
}

/** All checks of the run; arrow keys walk through them. */
export function CheckList({ panel, checks, chosen }: CheckListProps): ComponentChild {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    panel.choose(Math.max(0, Math.min(checks.length - 1, chosen + by)));
  };
  return (
    <div
      class="checks"
      role="listbox"
      tabIndex={0}
      aria-label="Gradchecks"
      aria-activedescendant={`check-${chosen}`}
      ref={list}
      onKeyDown={onKeyDown}
    >
      {checks.map((check, i) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keyboard.
        // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus.
        <div
          key={i}
          id={`check-${i}`}
          role="option"
          aria-selected={i === chosen}
          class={`check ${check.passed ? "check-passed" : "check-failed"}`}
          onClick={() => panel.choose(i)}
        >
          <span
            class={`codicon codicon-${check.passed ? "pass" : "error"}`}
            role="img"
            aria-label={check.passed ? "passed" : "failed"}
          />
          <span class="check-name">{displayName(check.name, 80)}</span>
          {check.cause !== null && <span class="check-cause">{causeWords[check.cause] ?? check.cause}</span>}
          <span class="check-where quiet">{check.where}</span>
        </div>
      ))}
    </div>
  );
}
