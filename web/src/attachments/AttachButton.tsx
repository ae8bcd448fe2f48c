import { Camera, Files, Paperclip } from "lucide-react";
import { type ComponentProps, useRef } from "react";
import { IconButton } from "../ui/Button";
import { Menu } from "../ui/Menu";

interface AttachButtonProps {
  /** True where one types on glass: such a machine may have a camera. */
  touch: boolean;
  onFiles(files: File[]): void;
}

const LABEL = "Attach files";
/** What the file dialog offers. What is picked all the same is looked at, and refused in words. */
const OFFERED =
  "image/*,.heic,.heif,application/pdf,text/*,.md,.csv,.tsv,.json,.jsonl,.xml,.yaml,.yml,.toml,.ini,.log,.sql,.js,.jsx,.ts,.tsx,.vue,.svelte,.py,.sh";

/** Picks files, or takes photos. */
export default function AttachButton({ touch, onFiles }: AttachButtonProps) {
  const files = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const input: ComponentProps<"input"> = {
    type: "file",
    hidden: true,
    onChange: ({ currentTarget }) => {
      onFiles([...(currentTarget.files ?? [])]);
      // The same file can be picked again after it was removed.
      currentTarget.value = "";
    },
  };
  const pick = () => files.current?.click();
  return (
    <>
      <input {...input} ref={files} multiple accept={OFFERED} aria-label={LABEL} />
      {touch ? (
        <>
          <input {...input} ref={camera} accept="image/*" capture="environment" aria-label="Take a photo" />
          <Menu
            label={LABEL}
            className="inline-flex size-9 items-center justify-center rounded-xl text-muted hover:bg-raised hover:text-ink max-md:size-11"
            items={[
              { label: "Take a photo", icon: Camera, onSelect: () => camera.current?.click() },
              { label: "Choose files", icon: Files, onSelect: pick },
            ]}
          >
            <Paperclip size={17} aria-hidden />
          </Menu>
        </>
      ) : (
        <IconButton label={LABEL} className="size-9 rounded-xl max-md:size-11" onClick={pick}>
          <Paperclip size={17} aria-hidden />
        </IconButton>
      )}
    </>
  );
}
