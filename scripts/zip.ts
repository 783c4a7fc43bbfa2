/** A file in a zip archive: its name, and how many bytes it takes packed and unpacked. */
export interface ZipEntry {
  readonly name: string;
  readonly packed: number;
  readonly unpacked: number;
}

// The parts of the zip format that hold the list of files: PKWARE's APPNOTE, 4.3.12 and 4.3.16.
const endSignature = 0x06054b50;
const endSize = 22;
const fileSignature = 0x02014b50;
const fileHeaderSize = 46;

/** The list of files at the end of a zip archive. */
export function zipEntries(archive: Buffer): ZipEntry[] {
  let end = archive.length - endSize;
  while (end >= 0 && archive.readUInt32LE(end) !== endSignature) end--;
  if (end < 0) throw new Error("This is no zip archive: it has no list of files at its end.");

  const entries: ZipEntry[] = [];
  let at = archive.readUInt32LE(end + 16);
  while (archive.readUInt32LE(at) === fileSignature) {
    const nameLength = archive.readUInt16LE(at + 28);
    const rest = archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    entries.push({
      name: archive.toString("utf8", at + fileHeaderSize, at + fileHeaderSize + nameLength),
      packed: archive.readUInt32LE(at + 20),
      unpacked: archive.readUInt32LE(at + 24),
    });
    at += fileHeaderSize + nameLength + rest;
  }
  return entries;
}
