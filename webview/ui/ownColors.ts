/** The colours that the extension itself contributes, as a page's variables call them: VS Code replaces the first dot of an id alone, so `gradlens.heat.low` is `gradlens-heat.low`. */
export const ownColors = {
  vanishing: "gradlens-heat.vanishing",
  median: "gradlens-heat.median",
  exploding: "gradlens-heat.exploding",
} as const;
