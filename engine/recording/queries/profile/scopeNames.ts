import type { Recording } from "../../recording.ts";

/** What scopes are called: modules by their path and class (`net.0 (Linear)`), others by the name the user gave. */
export class ScopeNames {
  private readonly recording: Recording;
  private readonly paths = new Map<number, string>();

  constructor(recording: Recording) {
    this.recording = recording;
    const { rows, column } = recording.tables.modules;
    for (let i = 0; i < rows; i++) this.paths.set(column.owner[i], recording.strings[column.path[i]]);
  }

  /** Whether the scope is a module's forward, and not one of `recordFunction`. */
  isModule(scope: number): boolean {
    return this.recording.tables.scopes.column.owner[scope] !== 0;
  }

  /** The module's path, or the name that the user gave. */
  path(scope: number): string {
    const { name, owner } = this.recording.tables.scopes.column;
    return this.paths.get(owner[scope]) ?? this.recording.strings[name[scope]];
  }

  /** The module's class; empty for a scope of the user's. */
  type(scope: number): string {
    return this.recording.strings[this.recording.tables.scopes.column.type[scope]];
  }

  /** Path and class. */
  label(scope: number): string {
    const type = this.type(scope);
    const path = this.path(scope);
    return type === "" ? path : path === "" || path === type ? type : `${path} (${type})`;
  }
}
