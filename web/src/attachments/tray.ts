import { createStore } from "zustand/vanilla";
import type { Api } from "../api/client";
import type { Attachment } from "../api/types";
import { type Memory, tabStorage } from "../ui/storage";
import { noteOf } from "./attachment";
import type { Pictures } from "./pictures";
import type { Uploading } from "./uploading";

/** A file on its way. */
export interface PendingFile {
  key: number;
  /** The draft that it belongs to. */
  place: string;
  file: File;
  /** The part that has left, from 0 to 1. */
  progress: number;
  /** Why it is not on its way any more. */
  problem?: string;
  canRetry?: boolean;
}

export interface TrayView {
  pending: readonly PendingFile[];
  /** Why files were not taken. */
  refused: readonly string[];
  /** What has just happened, for those who do not see it. */
  said: string;
}

/** The draft that uploads go to. */
export interface Target {
  view: { getState(): { place: string; attachments: readonly Attachment[] } };
  addUpload(attachment: Attachment, place: string, later: ReadonlySet<string>): void;
  removeUpload(uploadId: string): void;
}

interface TrayOptions {
  api: Api;
  appId: string;
  draft: Target;
  pictures: Pictures;
  /** Remembers, for this tab alone, what was on its way. */
  memory?: Memory;
}

export type Tray = ReturnType<typeof createTray>;

/**
 * The files of the message box, from being picked to being uploaded. What is uploaded belongs to the draft. What does
 * the work is loaded with the first file.
 */
export function createTray({ api, appId, draft, pictures, memory = tabStorage }: TrayOptions) {
  const view = createStore<TrayView>(() => ({ pending: [], refused: [], said: "" }));
  let uploading: Promise<Uploading> | null = null;

  function begin(then: (uploading: Uploading) => void): void {
    uploading ??= import("./uploading").then(({ createUploading }) =>
      createUploading({ api, appId, draft, pictures, memory, view }),
    );
    uploading.then(then).catch(() => {
      uploading = null;
      view.setState({ refused: ["Files cannot be attached at the moment. Reload the page, and try again."] });
    });
  }

  return {
    view,
    /** Takes files for the draft that is shown, as many as a message may have. */
    add: (files: readonly File[]) => begin((work) => work.add(files)),
    retry: (key: number) => begin((work) => work.retry(key)),
    remove: (key: number) => begin((work) => work.remove(key)),
    dismiss: () => view.setState({ refused: [] }),

    /** A draft is shown: says what was on its way to it when the page was left. */
    show(place: string): void {
      if (memory.getItem(noteOf(place)) === null) view.setState({ refused: [] });
      else begin((work) => work.show(place));
    },

    /** A draft has moved, and what is on its way to it follows. */
    move(from: string, to: string): void {
      if (uploading) begin((work) => work.move(from, to));
    },

    /** Ends what is on its way. */
    close(): void {
      if (uploading) begin((work) => work.close());
    },
  };
}
