import type { Locator, Page } from "@playwright/test";
import { messageBox } from "./chat";

/** A file for the page; `photo` is one of 12 megapixels that lies on its side, with the place where it was taken. */
export type Given =
  | { name: string; type: string; text: string }
  | { name: string; kind: "photo" }
  | { name: string; kind: "logo"; width: number; height: number };

export const attachedFiles = (page: Page) => page.getByRole("list", { name: "Attached files" });
export const sentFiles = (page: Page) => page.getByRole("list", { name: "Attachments" });

/** Pastes files into the message box. */
export const paste = (page: Page, ...given: Given[]) => deliver(messageBox(page), "paste", given);

/** Drops files on the chat. */
export const dropFiles = (page: Page, ...given: Given[]) =>
  deliver(page.getByRole("region", { name: "Chat" }), "drop", given);

/** Holds files over the chat. */
export const holdFiles = (page: Page, ...given: Given[]) =>
  deliver(page.getByRole("region", { name: "Chat" }), "dragenter", given);

async function deliver(target: Locator, how: "paste" | "drop" | "dragenter", given: Given[]): Promise<void> {
  await target.evaluate(
    async (element, { how, given }) => {
      async function drawn(
        width: number,
        height: number,
        type: string,
        draw: (to: OffscreenCanvasRenderingContext2D) => void,
      ) {
        const canvas = new OffscreenCanvas(width, height);
        draw(canvas.getContext("2d")!);
        return canvas.convertToBlob({ type, quality: 0.95 });
      }
      /** As busy as a photograph: shades, edges and grain. */
      function scene(to: OffscreenCanvasRenderingContext2D) {
        const { width, height } = to.canvas;
        const sky = to.createLinearGradient(0, 0, 0, height);
        sky.addColorStop(0, "#2b6cb0");
        sky.addColorStop(1, "#f6d6a8");
        to.fillStyle = sky;
        to.fillRect(0, 0, width, height);
        let seed = 7;
        const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
        for (let at = 0; at < 3000; at += 1) {
          to.fillStyle = `hsl(${random() * 360} 50% ${20 + random() * 60}% / 0.5)`;
          to.beginPath();
          to.ellipse(random() * width, random() * height, random() * 90, random() * 60, random() * 3, 0, 7);
          to.fill();
        }
        const pixels = to.getImageData(0, 0, width, height);
        for (let at = 0; at < pixels.data.length; at += 4) {
          const grain = random() * 24 - 12;
          for (const channel of [0, 1, 2]) pixels.data[at + channel]! += grain;
        }
        to.putImageData(pixels, 0, 0);
      }
      /** EXIF with orientation 6, turned by a quarter, and a note. */
      async function withExif(jpeg: Blob) {
        const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
        const content = [..."Exif\0\0"].map((letter) => letter.charCodeAt(0)).concat(tiff);
        const note = [..."GPS 52.5200 N 13.4050 E"].map((letter) => letter.charCodeAt(0));
        const length = content.length + note.length + 2;
        const segment = new Uint8Array([0xff, 0xe1, length >> 8, length & 255, ...content, ...note]);
        return new Blob([jpeg.slice(0, 2), segment, jpeg.slice(2)], { type: jpeg.type });
      }
      async function made(one: Given): Promise<File> {
        if ("text" in one) return new File([one.text], one.name, { type: one.type });
        if (one.kind === "photo") {
          const photo = await withExif(await drawn(4000, 3000, "image/jpeg", scene));
          return new File([photo], one.name, { type: "image/jpeg" });
        }
        const { width, height } = one;
        const logo = await drawn(width, height, "image/png", (to) => {
          to.fillStyle = "#0f6b54";
          to.arc(width / 2, height / 2, height / 2.2, 0, 7);
          to.fill();
        });
        return new File([logo], one.name, { type: "image/png" });
      }
      const transfer = new DataTransfer();
      for (const one of given) transfer.items.add(await made(one));
      const about = { bubbles: true, cancelable: true };
      const event =
        how === "paste"
          ? new ClipboardEvent("paste", { ...about, clipboardData: transfer })
          : new DragEvent(how, { ...about, dataTransfer: transfer });
      element.dispatchEvent(event);
    },
    { how, given },
  );
}
