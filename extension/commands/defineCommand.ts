import type { Services } from "../services.ts";

/** A command's id; the manifest test compares these with package.json. */
export type CommandId = `gradlens.${string}`;

/** A command before it is registered. Its arguments come from menus, links and other extensions, so they may be anything. */
export interface Command {
  readonly id: CommandId;
  readonly create: (services: Services) => (...given: readonly unknown[]) => unknown;
}

/** One command: its id, and what makes its handler from the services. */
export function defineCommand(id: CommandId, create: Command["create"]): Command {
  return { id, create };
}
