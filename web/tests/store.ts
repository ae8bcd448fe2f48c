import { waitFor } from "@testing-library/react";
import { expect } from "vitest";
import { createApi, DEFAULT_CONFIG } from "../src/api/client";
import type { FilesStoreOptions } from "../src/files/store";
import { createFilesStore } from "../src/files/store";
import type { serve } from "./standin.mjs";

type Server = Awaited<ReturnType<typeof serve>>;

/** An API of the stand-in server that counts what it is asked for, as "GET files". */
export function countingApi(server: Server) {
  const asked: string[] = [];
  const api = createApi(DEFAULT_CONFIG, (path, init) => {
    asked.push(`${init?.method ?? "GET"} ${String(path).split("/").at(-1)}`);
    return fetch(`${server.url}${String(path)}`, init);
  });
  return { api, asked };
}

/** The files of the demo app in a store that has looked at them. */
export async function startedStore(server: Server, options: Partial<FilesStoreOptions> = {}) {
  const app = server.apps.get("demo-app")!;
  const { api, asked } = countingApi(server);
  const files = createFilesStore({ api, appId: "demo-app", pauseMs: 5, ...options });
  await files.start();
  const doc = (path: string) => files.view.getState().docs.get(path);
  const opened = async (path: string) => {
    files.open(path);
    // Not `expect.poll`: where a pane shows the store, React has to know that the test waits.
    await waitFor(() => expect(doc(path)?.status).toBe("ready"));
  };
  const byAssistant = (path: string, text: string, toolId = "t1") => {
    const action = app.files.has(path) ? ("edited" as const) : ("created" as const);
    const version = server.write(app, path, text, { author: "ai", message: "Do it", turnId: 1, sessionId: "s1" });
    files.apply({ path, action, version, toolId });
  };
  return { app, api, asked, files, doc, opened, byAssistant };
}

/** An editor's buffer that counts how often its text is read and written. */
export function countingBuffer(text: string) {
  const buffer = {
    text,
    reads: 0,
    writes: 0,
    read: () => {
      buffer.reads += 1;
      return buffer.text;
    },
    write: (next: string) => {
      buffer.writes += 1;
      buffer.text = next;
    },
  };
  return buffer;
}
