import type { ComponentChild } from "preact";

interface SplitterProps {
  readonly label: string;
  readonly width: number;
  readonly least: number;
  readonly most: number;
  readonly onResize: (width: number) => void;
}

/** The border of a part on the right: dragged with the pointer or moved with the arrow keys. */
export function Splitter({ label, width, least, most, onResize }: SplitterProps): ComponentChild {
  const resize = (wanted: number): void => onResize(Math.max(least, Math.min(most, wanted)));

  const onPointerDown = (event: PointerEvent): void => {
    const bar = event.currentTarget;
    if (!(bar instanceof HTMLElement)) return;
    const start = event.clientX;
    bar.setPointerCapture(event.pointerId);
    bar.onpointermove = (move) => resize(width + start - move.clientX);
    // Comes after the pointer is lifted, and when the system takes it away.
    bar.onlostpointercapture = () => {
      bar.onpointermove = null;
      bar.onlostpointercapture = null;
    };
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowLeft" ? 16 : event.key === "ArrowRight" ? -16 : 0;
    if (by === 0) return;
    event.preventDefault();
    resize(width + by);
  };

  return (
    // A separator that can be moved is a control: it has a value and takes the keyboard.
    <hr
      class="splitter"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={Math.round(width)}
      aria-valuemin={least}
      aria-valuemax={most}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  );
}
