import { test as base, expect } from "@playwright/test";

/** A page that must stay quiet: no console error, no page error, no request outside its own origin. */
export const test = base.extend<{ expectedComplaint: RegExp | null }>({
  /** What a test provokes: the browser itself reports an answer of 409 as an error, for one. */
  expectedComplaint: [null, { option: true }],
  page: async ({ page, baseURL, expectedComplaint }, use) => {
    const complaints: string[] = [];
    const origin = new URL(baseURL ?? "").origin;
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) complaints.push(`foreign request: ${url}`);
    });
    await use(page);
    expect(complaints.filter((complaint) => !expectedComplaint?.test(complaint))).toEqual([]);
  },
});

export { expect };
