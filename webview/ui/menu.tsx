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

/** A button that opens a short list of actions below it; arrow keys walk through it, Escape closes it. */
export function Menu({ icon, label, items }: MenuProps): ComponentChild {
  const [isOpen, setOpen] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const whole = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    if (!isOpen) return;
    list.current?.querySelector("button")?.focus();
    const closeOutside = (event: Event): void => {
      if (event.target instanceof Node && !whole.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => document.removeEventListener("pointerdown", closeOutside);
  }, [isOpen]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const buttons = [...(list.current?.querySelectorAll("button") ?? [])];
    const at = buttons.findIndex((button) => button.matches(":focus"));
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by !== 0) buttons[(at + by + buttons.length) % buttons.length]?.focus();
    if (event.key === "Escape") setOpen(false);
    if (by === 0 && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <span class="menu" ref={whole}>
      <IconButton icon={icon} label={label} onClick={() => setOpen(!isOpen)} hasMenu />
      {isOpen && (
        <div class="menu-list" role="menu" aria-label={label} ref={list} onKeyDown={onKeyDown}>
          {items.map((item) => (
            <button
              type="button"
              key={item.label}
              role="menuitem"
              tabIndex={-1}
              onClick={() => {
                setOpen(false);
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
