import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Handler } from "./handler.ts";
import type { LaunchArguments } from "./launch.ts";
import { launch } from "./launch.ts";

/** Clients may send the launch configuration once more, because it may have been edited. */
interface RestartArguments extends DebugProtocol.RestartArguments {
  readonly arguments?: LaunchArguments;
}

export const restart: Handler<RestartArguments, undefined> = {
  answer: async (adapter, { arguments: args }) => {
    adapter.continued();
    if (args === undefined) await adapter.launch();
    else await launch.answer(adapter, args);
    return undefined;
  },
};
