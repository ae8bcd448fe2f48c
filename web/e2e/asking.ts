import type { Page } from "@playwright/test";
import { createApp } from "./otherClient";

/** What the demo model plays. */
export const PUBLISH = "Publish the app";
export const ASK = "Ask me what it should be like";
export const LOOK = "Look at the preview";

const FILES = new Map([
  ["index.html", '<div id="root"></div>\n<script type="module" src="/src/main.tsx"></script>\n'],
  [
    "src/main.tsx",
    `import { createRoot } from "react-dom/client";

console.log("The shop is open");
createRoot(document.getElementById("root")!).render(<h1 style={{ color: "rgb(180, 20, 20)" }}>Bread and butter</h1>);
`,
  ],
]);

/** Opens the page on an app of its own that can be published and looked at. */
export async function openShop(page: Page, name: string, view = "preview"): Promise<void> {
  await page.goto(`/?app=${await createApp(name, FILES)}&view=${view}`);
}

export const card = (page: Page) => page.getByRole("region", { name: /^Claude (asks|has a question)/ });
export const waits = (page: Page) =>
  page.getByRole("region", { name: "Chat" }).getByText("Waits for you", { exact: true });
