import { answers, finished, openNewApp, send } from "./chat";
import { expect, test } from "./fixtures";

test("earlier messages come in above what is being read, which stays where it is @anywhere", async ({ page }) => {
  await openNewApp(page, "Long chat");
  await send(page, "Hello");
  await finished(answers(page).first());
  // A long past, put in front of the stored chat: having all of it said would take minutes.
  await page.route(/ai-chat-v2\?sessionId=/, async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as { session: { messages: unknown[] } };
    const past = Array.from({ length: 240 }, (_, index) => ({
      id: `past-${index}`,
      turnId: Math.floor(index / 2) - 500,
      role: index % 2 === 0 ? "user" : "assistant",
      content: [{ type: "text", text: `Message ${index} of the past` }],
      createdAt: 1,
    }));
    body.session.messages = [...past, ...body.session.messages];
    await route.fulfill({ response, json: body });
  });
  await page.reload();
  await finished(answers(page).last());
  const conversation = page.getByRole("region", { name: "Conversation" });
  await expect
    .poll(() => conversation.evaluate((region) => region.scrollHeight - region.clientHeight - region.scrollTop))
    .toBeLessThan(5);
  await conversation.evaluate((region) => region.scrollTo(0, 0));
  const read = page.getByRole("article").filter({ hasText: /^Message 145 of the past/ });
  await expect(read).toBeInViewport();
  const before = await read.boundingBox();

  await page.getByRole("button", { name: "Show earlier messages" }).click();

  await expect(page.getByRole("article").filter({ hasText: /^Message 100 of the past/ })).toBeAttached();
  expect(Math.abs(((await read.boundingBox())?.y ?? 0) - (before?.y ?? 1e6))).toBeLessThan(3);

  await send(page, "Hello again");
  await expect(page.getByRole("article", { name: "You" }).last()).toBeInViewport();
});
