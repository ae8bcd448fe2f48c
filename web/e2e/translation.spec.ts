import { answers, finished, openNewApp, send, TODO_APP } from "./chat";
import { expect, test } from "./fixtures";

test("a page translator at work does not stop an answer @anywhere", async ({ page }) => {
  await openNewApp(page, "Translated");
  // As translators do it: every text gives way to an element with its translation, also what is written later.
  await page.evaluate(() => {
    const translate = (root: Node) => {
      const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      const found: Text[] = [];
      while (texts.nextNode()) found.push(texts.currentNode as Text);
      for (const text of found) {
        const parent = text.parentElement;
        if (!text.data.trim() || !parent?.closest("[role=log]") || parent.closest("font, [translate=no]")) continue;
        const outer = document.createElement("font");
        outer.append(document.createElement("font"));
        outer.firstElementChild!.textContent = `«${text.data}»`;
        text.replaceWith(outer);
      }
    };
    new MutationObserver(() => translate(document.body)).observe(document.body, { subtree: true, childList: true });
  });

  await send(page, TODO_APP);
  await finished(answers(page).first());

  await expect(answers(page).first().locator("font").first()).toBeAttached();
  await expect(page.getByText("This message cannot be shown")).toHaveCount(0);
  await page.getByRole("button", { name: "New chat" }).click();
  await expect(page.getByRole("article")).toHaveCount(0);
});
