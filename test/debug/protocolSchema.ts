import { readFileSync } from "node:fs";
import path from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { Ajv, type ValidateFunction } from "ajv";

// debugAdapterProtocol.json is the schema that the Debug Adapter Protocol is published with
// (github.com/microsoft/debug-adapter-protocol), © Microsoft Corporation, under the MIT License.
interface Schema {
  readonly definitions: Readonly<Record<string, object>>;
}

const schema = JSON.parse(readFileSync(path.join(import.meta.dirname, "debugAdapterProtocol.json"), "utf8")) as Schema;

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema({ $id: "dap", definitions: schema.definitions });
const validators = new Map<string, ValidateFunction>();

/** What the published schema has against a message; nothing for a good one. */
export function complaintsAbout(message: DebugProtocol.ProtocolMessage): string[] {
  const name = definitionOf(message as DebugProtocol.Request | DebugProtocol.Response | DebugProtocol.Event);
  if (name === null) return [];
  let validate = validators.get(name);
  if (validate === undefined) {
    validate = ajv.compile({ $ref: `dap#/definitions/${name}` });
    validators.set(name, validate);
  }
  if (validate(message)) return [];
  return (validate.errors ?? []).map(({ instancePath, message: text }) => `${name}${instancePath} ${text}`);
}

/** The definition that a message must satisfy; the extension's own requests and events have none but the base. */
function definitionOf(message: DebugProtocol.Request | DebugProtocol.Response | DebugProtocol.Event): string | null {
  switch (message.type) {
    case "request":
      return known(`${capital((message as DebugProtocol.Request).command)}Request`, "Request");
    case "event":
      return known(`${capital((message as DebugProtocol.Event).event)}Event`, "Event");
    case "response": {
      const { success, command } = message as DebugProtocol.Response;
      return success ? known(`${capital(command)}Response`, "Response") : "ErrorResponse";
    }
    default:
      return "ProtocolMessage";
  }
}

function known(name: string, otherwise: string): string {
  return name in schema.definitions ? name : otherwise;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
