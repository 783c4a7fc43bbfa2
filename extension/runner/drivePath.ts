/**
 * A path as programs write it on Windows, with a large drive letter. VS Code writes it small in some places and large in others, and
 * files are told apart by their paths. On other systems no whole path begins with one.
 */
export function withLargeDrive(file: string): string {
  return /^[a-z]:[\\/]/.test(file) ? file.charAt(0).toUpperCase() + file.slice(1) : file;
}
