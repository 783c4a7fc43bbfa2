/** Characters that draw nothing but can turn around, hide or break what stands beside them; line ends and tabs stay. */
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A text of the user's program as it may be shown: nothing invisible in it. */
export function visibleText(text: string): string {
  return text.replace(invisible, (character) => ("\n\t".includes(character) ? character : ""));
}

/** For places where VS Code turns `$(name)` into an icon. */
export function withoutIcons(text: string): string {
  return visibleText(text).replaceAll("$(", "\\$(");
}

/** For notifications, where VS Code turns `[text](command:…)` into a link that runs it. */
export function withoutLinks(text: string): string {
  return visibleText(text).replaceAll("](", "] (");
}
