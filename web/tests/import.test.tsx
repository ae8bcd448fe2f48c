import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import { App } from "../src/App";
import { createApi, DEFAULT_CONFIG } from "../src/api/client";
import { serve } from "./standin.mjs";
import { DESKTOP, setViewport } from "./viewport";

let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve();
  window.history.replaceState(null, "", "/");
  setViewport(DESKTOP);
});
afterEach(() => server.close());

test("a branch becomes an app, which is opened, and what stayed behind is named", async () => {
  const api = createApi(DEFAULT_CONFIG, (path, init) => fetch(`${server.url}${String(path)}`, init));
  render(<App api={api} config={DEFAULT_CONFIG} />);
  await userEvent.click(await screen.findByRole("button", { name: /Switch app/ }));
  await userEvent.click(screen.getByRole("button", { name: "Import from Git" }));
  const address = await screen.findByLabelText("Repository");
  await userEvent.type(address, "http://example.org/me/shop");
  await userEvent.click(screen.getByRole("button", { name: "Import" }));
  expect((await screen.findByRole("alert")).textContent).toBe("url must be https.");

  await userEvent.clear(address);
  await userEvent.type(address, "https://example.org/me/shop");
  await userEvent.click(screen.getByRole("button", { name: "Import" }));

  const done = within(await screen.findByRole("dialog", { name: "shop is here" }));
  expect(done.getByRole("listitem").textContent).toBe("video.mp4: larger than 1 MB");
  await userEvent.click(done.getByRole("button", { name: "Open the app" }));
  expect(await screen.findByRole("button", { name: "App: shop. Switch app" })).toBeTruthy();
});
