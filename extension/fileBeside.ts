import { existsSync } from "node:fs";
import path from "node:path";

/**
 * Where a file about a model is offered to be saved: beside the model, or elsewhere when that lies on another machine, whose system may
 * write paths in another way.
 */
export function fileBeside(model: string, ending: string, elsewhere: string): string {
  const name = model.replace(/^.*[\\/]/s, "").replace(/\.[^.]*$/, "");
  const folder = path.dirname(model);
  const isHere = path.isAbsolute(model) && existsSync(folder);
  return path.join(isHere ? folder : elsewhere, `${name}.${ending}`);
}
