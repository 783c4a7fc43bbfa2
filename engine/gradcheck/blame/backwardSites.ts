import type { Gradients, Node } from "../../autograd/node.ts";
import { type OpEvent, watch } from "../../autograd/observer.ts";
import { site } from "../../autograd/sites.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { SilentObserver } from "./tape.ts";

/** Gradients, and the call expressions of the user's that computed them. */
export interface Located {
  readonly gradients: Gradients;
  /** Of one gradient: the call that made it, else the last one that ran; 0 when the user's code made none. */
  siteOf(gradient: Tensor | null | undefined): number;
}

/** Runs user code that makes gradients, and notes from where. */
export function locating(run: () => Gradients): Located {
  const observer = new SiteObserver();
  const before = watch.observer;
  const asked = site.current;
  watch.observer = observer;
  site.current = 0;
  try {
    const gradients = run();
    const last = site.current;
    return {
      gradients,
      siteOf: (gradient) => (gradient === null || gradient === undefined ? 0 : observer.made.get(gradient)) ?? last,
    };
  } finally {
    watch.observer = before;
    site.current = asked;
  }
}

class SiteObserver extends SilentObserver {
  readonly made = new Map<Tensor, number>();

  override op({ outputs }: OpEvent): void {
    for (const out of outputs) this.made.set(out, site.current);
  }
}

/** The place to look at for a node: where user code made the gradient of `input`, else where the op ran forward. */
export function placeOf(node: Node, located: Located | null, input: number): number {
  const gradient = located?.gradients[input];
  const made = located?.siteOf(gradient) ?? 0;
  return made === 0 ? node.site : made;
}
