import {
  Braces,
  File,
  FileArchive,
  FileCode2,
  FileDigit,
  FileImage,
  FileMusic,
  FilePlay,
  FileText,
  FileType2,
  Hash,
  type LucideIcon,
  Settings2,
  Terminal,
} from "lucide-react";

/** By the kind of a file, the first that fits. */
const ICONS: [RegExp, LucideIcon, string][] = [
  [/(^|\/)\.env|(^|\/)[^/]*config\.[cm]?[jt]s$|\.(toml|ya?ml|ini)$/i, Settings2, "text-muted"],
  [/\.[jt]sx$/i, FileCode2, "text-[light-dark(#1f5c99,#8fc1f0)]"],
  [/\.[cm]?[jt]s$/i, FileType2, "text-[light-dark(#1f5c99,#8fc1f0)]"],
  [/\.json[c5]?$/i, Braces, "text-warn"],
  [/\.(css|scss|less)$/i, Hash, "text-[light-dark(#8a3b6e,#e3a1c8)]"],
  [/\.(html?|vue|svelte)$/i, FileCode2, "text-danger"],
  [/\.(svg|png|jpe?g|gif|webp|ico|avif|bmp)$/i, FileImage, "text-accent"],
  [/\.(woff2?|[ot]tf)$/i, FileType2, "text-muted"],
  [/\.(mp3|wav|ogg|m4a|flac)$/i, FileMusic, "text-muted"],
  [/\.(mp4|webm|mov)$/i, FilePlay, "text-muted"],
  [/\.(zip|gz|tgz)$/i, FileArchive, "text-muted"],
  [/\.(sh|bash|ps1)$/i, Terminal, "text-muted"],
  [/\.(py|go|rs|java|rb|php|c|cpp|h)$/i, FileCode2, "text-accent"],
  [/\.(md|mdx|txt|log|csv|pdf)$/i, FileText, "text-muted"],
];

/** The icon of a file, and its colour. */
export function fileIcon(path: string, isBinary = false): { Icon: LucideIcon; tone: string } {
  const other = isBinary ? FileDigit : File;
  const [, Icon, tone] = ICONS.find(([pattern]) => pattern.test(path)) ?? [null, other, "text-muted"];
  return { Icon, tone };
}
