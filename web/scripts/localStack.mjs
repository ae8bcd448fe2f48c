// Vite's own server in front of the local stack: the page with hot reload, signed in as there.
const PATHS = ["/api", "/config.json", "/openapi.json", "/docs", "/preview"];

/** `stack` is where `make dev` serves, such as http://localhost:3000. */
export function localStack(stack) {
  const target = new URL(stack).origin;
  const way = { target, changeOrigin: true, configure: (proxy) => proxy.on("proxyReq", sendAsStacksPage) };

  // The stack lets only its own page write. What another page sends keeps its origin, and is refused.
  function sendAsStacksPage(sent, { headers }) {
    if (headers.origin && headers.origin === `http://${headers.host}`) sent.setHeader("origin", target);
  }

  // The stack signs a browser in with its page's HTML, which Vite serves here.
  async function signIn(request, response, next) {
    if (request.method === "GET" && request.headers.accept?.includes("text/html")) {
      try {
        const answer = await fetch(target, { headers: { cookie: request.headers.cookie ?? "" } });
        await answer.text();
        for (const cookie of answer.headers.getSetCookie()) response.appendHeader("Set-Cookie", cookie);
      } catch {
        response.statusCode = 502;
        return response.end(`Nothing answers at ${target}: run \`make dev\` beside this.`);
      }
    }
    return next();
  }

  return {
    name: "local-stack",
    apply: "serve",
    config: () => ({ server: { proxy: Object.fromEntries(PATHS.map((path) => [path, way])) } }),
    configureServer: ({ middlewares }) => {
      middlewares.use(signIn);
    },
  };
}
