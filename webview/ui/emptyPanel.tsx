import type { ComponentChild, ComponentChildren } from "preact";

interface EmptyPanelProps {
  /** The name of a codicon. */
  readonly icon: string;
  readonly reason: string;
  readonly children?: ComponentChildren;
}

/** Why there is nothing to see, and the one button that changes it. */
export function EmptyPanel({ icon, reason, children }: EmptyPanelProps): ComponentChild {
  return (
    <div class="empty">
      <span class={`codicon codicon-${icon} empty-sign`} aria-hidden="true" />
      <p>{reason}</p>
      {children}
    </div>
  );
}
