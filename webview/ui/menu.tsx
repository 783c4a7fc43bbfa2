import type { ComponentChild } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, IconButton } from "./kit.ts";

export interface MenuItem {
  readonly label: string;
  readonly icon: string;
  readonly onChoose: () => void;
}

interface MenuProps {
  readonly icon: string;
  readonly label: string;
  readonly items: readonly MenuItem[];
}

/** A button that opens a short list of actions below it; arrow keys walk through it, Escape closes it, and so does leaving it. */
export function Menu({ icon, label, items }: MenuProps): ComponentChild {
  const [isOpen, setOpen] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLElement>(null);

  useEffect(() => {
    if (isOpen) list.current?.querySelector("button")?.focus();
  }, [isOpen]);

  /** The focus goes first: with the list it would be lost. */
  const close = (): void => {
    opener.current?.focus();
    setOpen(false);
  };
  const onFocusOut = ({ currentTarget, relatedTarget }: FocusEvent): void => {
    const isInside =
      currentTarget instanceof Node && relatedTarget instanceof Node && currentTarget.contains(relatedTarget);
    if (!isInside) setOpen(false);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const buttons = [...(list.current?.querySelectorAll("button") ?? [])];
    const at = buttons.findIndex((button) => button.matches(":focus"));
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by !== 0) buttons[(at + by + buttons.length) % buttons.length]?.focus();
    if (event.key === "Escape") close();
    if (by === 0 && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <span class="menu" onFocusOut={onFocusOut}>
      <IconButton icon={icon} label={label} onClick={() => setOpen(!isOpen)} expanded={isOpen} elementRef={opener} />
      {isOpen && (
        <div class="menu-list" role="menu" aria-label={label} ref={list} onKeyDown={onKeyDown}>
          {items.map((item) => (
            <button
              type="button"
              key={item.label}
              role="menuitem"
              tabIndex={-1}
              onClick={() => {
                close();
                item.onChoose();
              }}
            >
              <Icon name={item.icon} />
              {item.label}
            </button>
          ))}
        </div>
      )}
    </span>
  );
}
