// Compiles engine/kernels/wasm/assembly to WebAssembly and writes it into engine/kernels/wasm/binary.ts:
//
//     npm run wasm

import { writeFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import { inProject } from "./project.ts";
import { size } from "./size.ts";

/** Where the compiled kernels are kept. */
export const binaryFile = inProject("engine", "kernels", "wasm", "binary.ts");

export interface Binaries {
  /** For every machine with 128-bit vectors. */
  readonly plain: Uint8Array;
  /** The same with fused multiply-adds. */
  readonly relaxed: Uint8Array;
}

/** Compiles both variants. The same sources give the same bytes. */
export async function compileKernels(): Promise<Binaries> {
  return { plain: await compile(), relaxed: await compile("--enable", "relaxed-simd") };
}

async function compile(...features: string[]): Promise<Uint8Array> {
  const folder = inProject("engine", "kernels", "wasm", "assembly");
  const binaries: Uint8Array[] = [];
  const options = [
    "--optimizeLevel",
    "3",
    "--noAssert",
    "--runtime",
    "stub",
    "--importMemory",
    "--memoryBase",
    "49152",
    "--enable",
    "simd",
  ];
  const { error, stderr } = await asc.main(
    ["index.ts", "--baseDir", folder, "--outFile", "kernels.wasm", ...options, ...features],
    { writeFile: (_name: string, contents: Uint8Array | string) => void binaries.push(contents as Uint8Array) },
  );
  const [binary] = binaries;
  if (error !== null || binary === undefined) throw new Error(`AssemblyScript: ${error?.message}\n${stderr}`);
  return binary;
}

/** The module that holds the binaries. */
export function binaryModule({ plain, relaxed }: Binaries): string {
  const text = (binary: Uint8Array): string => `"${Buffer.from(binary).toString("base64")}"`;
  return [
    "// Made by `npm run wasm` from the sources in assembly/. Kept here in text, so that the engine runs from source, in a bundle and in any",
    "// host, without a file to look for.",
    "",
    "/** For every machine with 128-bit vectors. */",
    `export const PLAIN =\n  ${text(plain)};`,
    "",
    "/** The same with fused multiply-adds. */",
    `export const RELAXED =\n  ${text(relaxed)};`,
    "",
  ].join("\n");
}

if (import.meta.main) {
  const binaries = await compileKernels();
  writeFileSync(binaryFile, binaryModule(binaries));
  console.log(`plain ${size(binaries.plain.length)}, relaxed ${size(binaries.relaxed.length)}`);
}
