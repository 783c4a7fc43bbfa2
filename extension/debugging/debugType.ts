/** The `type` of Gradlens's launch configurations. */
export const debugType = "gradlens";
