import { biome } from "./project.ts";

// Formats every file and applies the lint fixes that cannot change what a program does.
process.exitCode = await biome("check", "--write");
