import type { ComponentChild } from "preact";
import { displayName } from "../../engine/recording/layout/text.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";

interface PlaceLinkProps {
  readonly place: Place;
  readonly onClick: () => void;
}

/** `model.ts:12`, which leads there. */
export function PlaceLink({ place, onClick }: PlaceLinkProps): ComponentChild {
  return (
    <button type="button" class="link-button place" onClick={onClick}>
      {placeText(place)}
    </button>
  );
}

/** `model.ts:12` */
export function placeText({ file, line }: Place): string {
  return `${displayName(file.split(/[\\/]/).at(-1) ?? file, 40)}:${line}`;
}
