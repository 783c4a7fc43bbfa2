import type { ComponentChild } from "preact";
import { useEffect } from "preact/hooks";
import { type Atom, useAtom } from "./atom.ts";

/** Read aloud, never seen. */
export function Spoken({ text }: { readonly text: Atom<string> }): ComponentChild {
  return (
    <div class="only-spoken" aria-live="polite">
      {useAtom(text)}
    </div>
  );
}

/** A short message that goes away by itself. */
export function Notice({ text }: { readonly text: Atom<string | null> }): ComponentChild {
  const notice = useAtom(text);
  useEffect(() => {
    if (notice === null) return;
    const timer = setTimeout(() => text.set(null), 6000);
    return () => clearTimeout(timer);
  }, [notice, text]);
  return notice === null ? null : (
    <div class="notice" role="status">
      {notice}
    </div>
  );
}
