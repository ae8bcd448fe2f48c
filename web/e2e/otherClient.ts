/** Another client of the vendor whom the page signs in: it makes and changes what the page then has to show. */

export const STACK = process.env.STACK_URL ?? "http://localhost:3000";

let token: Promise<string> | undefined;

/** A text, or the bytes of what is none. */
export type FileContent = string | Buffer;

/** The id of a new app with these files. */
export async function createApp(name: string, files: ReadonlyMap<string, FileContent>): Promise<string> {
  const { app } = await call<{ app: { appId: string } }>("POST", "", { name });
  for (const [path, content] of files) await put(app.appId, path, content, 0);
  return app.appId;
}

/** The bytes of a file that is no text, as a client without the page gets them. */
export async function readBytes(appId: string, path: string): Promise<Buffer> {
  const headers = { Authorization: `Bearer ${await (token ??= signIn())}` };
  const answer = await fetch(`${STACK}/api/vendor/apps/${appId}/raw?path=${encodeURIComponent(path)}`, { headers });
  return Buffer.from(await answer.arrayBuffer());
}

/** The text of a file; none where there is no such file. */
export async function readFile(appId: string, path: string): Promise<string | undefined> {
  return (await current(appId, path))?.content;
}

/** Publishes the app as it is; the address that then shows it, and the version. */
export async function publish(appId: string): Promise<{ url: string; version: number }> {
  return (await call<{ site: { url: string; version: number } }>("POST", `/${appId}/publish`, {})).site;
}

/** The versions of the app that were published. */
export async function publishedVersions(appId: string): Promise<number[]> {
  const { versions } = await call<{ versions: { version: number }[] }>("GET", `/${appId}/publish`);
  return versions.map(({ version }) => version);
}

/** What the app's address shows, and its versions. */
export async function readSite(appId: string): Promise<{ site: { url: string } | null; versions: object[] }> {
  return await call("GET", `/${appId}/publish`);
}

/** The names of the vendor's apps. */
export async function appNames(): Promise<string[]> {
  return (await call<{ apps: { name: string }[] }>("GET", "")).apps.map(({ name }) => name);
}

/** Saves a file, whatever its version is. */
export async function saveFile(appId: string, path: string, content: FileContent): Promise<void> {
  await put(appId, path, content, (await current(appId, path))?.version ?? 0);
}

async function put(appId: string, path: string, content: FileContent, baseVersion: number): Promise<void> {
  const given = typeof content === "string" ? { content } : { contentBase64: content.toString("base64") };
  await call("PUT", `/${appId}/file`, { path, ...given, baseVersion });
}

async function current(appId: string, path: string) {
  const query = `/${appId}/file?path=${encodeURIComponent(path)}`;
  return (await call<{ file?: { version: number; content?: string } }>("GET", query, undefined, 404)).file;
}

/** The answer, whose status must be one of success or the one that is allowed beside. */
async function call<Answer>(method: string, path: string, body?: object, allowed = 200): Promise<Answer> {
  token ??= signIn();
  const headers = { Authorization: `Bearer ${await token}`, "Content-Type": "application/json" };
  const answer = await fetch(`${STACK}/api/vendor/apps${path}`, {
    method,
    headers,
    body: body && JSON.stringify(body),
  });
  if (!answer.ok && answer.status !== allowed) throw new Error(`${method} ${path}: ${answer.status}`);
  return (await answer.json()) as Answer;
}

/** The token that the stack gives to a browser with the page. */
async function signIn(): Promise<string> {
  const [cookie = ""] = (await fetch(STACK)).headers.getSetCookie();
  return cookie.slice(cookie.indexOf("=") + 1, cookie.indexOf(";"));
}
