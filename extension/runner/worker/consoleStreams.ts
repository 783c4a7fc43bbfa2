import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { ConsoleText } from "../protocol.ts";

/** Makes `process.stdout` and `process.stderr`, and with them `console`, write here instead. */
export function redirectConsole(write: (stream: ConsoleText["stream"], text: string) => void): void {
  replaceStream("stdout", write);
  replaceStream("stderr", write);
}

function replaceStream(
  name: ConsoleText["stream"],
  print: (stream: ConsoleText["stream"], text: string) => void,
): void {
  // A letter may come in two parts, in what is piped here.
  const decoder = new StringDecoder("utf8");
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Uint8Array, _encoding, done) {
      print(name, typeof chunk === "string" ? chunk : decoder.write(Buffer.from(chunk)));
      done();
    },
  });
  Object.assign(stream, { fd: name === "stdout" ? 1 : 2, isTTY: false });
  Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => stream });
}
