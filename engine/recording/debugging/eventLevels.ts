import { EventKind } from "../schema.ts";

/**
 * How deep events lie in one another: what happens in a module lies deeper than the call of the module, what happens in
 * backward deeper than the call of backward, and ops in the middle of backward (hooks, custom Functions, graphs of
 * gradients) deeper than its nodes.
 */
export class EventLevels {
  private level = 0;
  private backwards = 0;

  /** The level of the next event. */
  next(kind: number): number {
    switch (kind) {
      case EventKind.scopeStart:
      case EventKind.optimizerStart:
        return this.level++;
      case EventKind.backwardStart:
        this.backwards++;
        return this.level++;
      case EventKind.backwardEnd:
        if (this.backwards > 0) this.backwards--;
        return this.leave();
      case EventKind.scopeEnd:
      case EventKind.optimizerEnd:
        return this.leave();
      case EventKind.op:
      case EventKind.read:
        return this.backwards > 0 ? this.level + 1 : this.level;
      default:
        return this.level;
    }
  }

  private leave(): number {
    if (this.level > 0) this.level--;
    return this.level;
  }
}
