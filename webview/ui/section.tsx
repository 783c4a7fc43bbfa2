import type { ComponentChild, ComponentChildren } from "preact";
import { Icon } from "./kit.ts";

interface SectionProps {
  readonly title: string;
  /** A few words behind the title. */
  readonly note?: string;
  readonly isFolded: boolean;
  readonly onToggle: () => void;
  /** Stands at the right of the title. */
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A part of a panel with a title that folds it away. */
export function Section({ title, note, isFolded, onToggle, tools, children }: SectionProps): ComponentChild {
  return (
    <section class="section" aria-label={title}>
      <div class="section-head">
        <h2>
          <button type="button" class="section-title" aria-expanded={!isFolded} onClick={onToggle}>
            <Icon name={isFolded ? "chevron-right" : "chevron-down"} />
            {title}
            {note !== undefined && <span class="section-note">{note}</span>}
          </button>
        </h2>
        <span class="space" />
        {!isFolded && tools}
      </div>
      {!isFolded && children}
    </section>
  );
}
