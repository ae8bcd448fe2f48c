// The uploads of the stand-in server: places for files, the bucket that takes them, and what messages refer to.
import { createHash, randomUUID } from "node:crypto";

const TYPES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain"]);
const BUCKET = "/bucket";

/** @param {() => string} origin where the server is */
export function createUploads(origin) {
  /** @type {Map<string, any>} */
  const uploads = new Map();
  /** What the bucket does with the next forms: refuses them, or keeps them waiting. */
  const control = { refusals: 0, gate: Promise.resolve(), held: 0 };
  const shown = ({ bytes: _, appId: __, ...upload }) => upload;

  async function receive(request, body, response) {
    control.held += 1;
    await control.gate;
    control.held -= 1;
    if (control.refusals > 0) {
      control.refusals -= 1;
      response.writeHead(503, { "Content-Type": "application/xml" });
      return response.end("<Error><Code>SlowDown</Code></Error>");
    }
    const form = await new Response(body, { headers: { "Content-Type": request.headers["content-type"] } }).formData();
    const names = [...form.keys()];
    const upload = uploads.get(form.get("key"));
    const bytes = Buffer.from(await form.get("file").arrayBuffer());
    const isRight = upload && names.at(-1) === "file" && form.get("Content-Type") === upload.type;
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    if (!isRight || bytes.length !== upload.size || sha256 !== upload.sha256) {
      response.writeHead(403, { "Content-Type": "application/xml" });
      return response.end("<Error><Code>AccessDenied</Code></Error>");
    }
    Object.assign(upload, { bytes, status: "ready" });
    if (bytes.includes("refuse me")) Object.assign(upload, { status: "refused", reason: "The file has a password." });
    response.writeHead(204);
    response.end();
  }

  return {
    control,
    all: uploads,

    /** True where the request was for an upload, and is answered. */
    async handle({ request, url, body, response, answer, refuse }) {
      if (url.pathname === BUCKET) {
        await receive(request, body, response);
        return true;
      }
      const [, appId, uploadId, raw] =
        /^\/api\/vendor\/apps\/([^/]+)\/uploads(?:\/([^/]+?)(\/raw)?)?$/.exec(url.pathname) ?? [];
      if (!appId) return false;
      if (!uploadId) {
        const { name, type, size, sha256 } = JSON.parse(body.toString());
        if (!TYPES.has(type)) refuse(400, "invalid_request");
        else {
          const id = randomUUID();
          uploads.set(id, { uploadId: id, appId, name, type, size, sha256, status: "waiting" });
          const fields = { key: id, "Content-Type": type };
          answer(201, {
            upload: { uploadId: id, url: `${origin()}${BUCKET}`, fields, expiresAt: Date.now() + 600_000 },
          });
        }
        return true;
      }
      const upload = uploads.get(uploadId);
      if (upload?.appId !== appId || (raw && !upload.bytes)) refuse(404, "not_found");
      else if (!raw) answer(200, { upload: shown(upload) });
      else {
        response.writeHead(200, { "Content-Type": upload.type, "Content-Disposition": "attachment" });
        response.end(upload.bytes);
      }
      return true;
    },

    /** The blocks of a message's attachments; null where one of them is not there. */
    blocks(appId, ids) {
      const found = ids.map((id) => uploads.get(id));
      if (!found.every((upload) => upload?.appId === appId && upload.status === "ready")) return null;
      return found.map(({ type, bytes: _, appId: __, status: ___, ...about }) => ({
        type: "attachment",
        mediaType: type,
        ...about,
      }));
    },
  };
}
