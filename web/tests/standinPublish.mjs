/** The stand-in's check, policy, published site and git remote of each app, in memory. What goes wrong is set by tests. */
export function createPublishing(apps) {
  const known = new Map();
  const of = (appId) => {
    if (!known.has(appId)) {
      known.set(appId, {
        /** What a check or a build finds. */
        problems: [],
        /** What the check at the end of each turn finds; null where no turn is checked. */
        found: null,
        /** How often the app was checked. */
        checks: 0,
        /** Set, publishing waits for this promise. */
        hold: null,
        policy: { publish: "ask", push: "ask" },
        versions: [],
        live: null,
        indexed: false,
        remote: null,
        /** What the next pushes come to, or `{ refused: "the host's words" }`. */
        push: { result: "pushed", branch: "main", commit: "0123456789abcdef0123456789abcdef01234567", skipped: [] },
      });
    }
    return known.get(appId);
  };
  const siteOf = ({ versions, live, indexed }, appId) => {
    const version = versions.find(({ version }) => version === live);
    return version ? { url: `http://127.0.0.1:3999/${appId}/`, ...version, indexed } : null;
  };
  return {
    of,
    /** True where the request was one of these. */
    async handle({ method, appId, route, body, answer, refuse }) {
      const app = apps.get(appId);
      if (!app) return false;
      const state = of(appId);
      const errors = state.problems.map((problem) => ({ known: false, ...problem }));
      const site = () => answer(200, { site: siteOf(state, appId) });
      switch (`${method} ${route}`) {
        case "GET check":
          state.checks += 1;
          answer(200, { revision: app.revision, ok: errors.length === 0, errors, durationMs: 740 });
          return true;
        case "GET policy":
          answer(200, { policy: state.policy });
          return true;
        case "PUT policy":
          Object.assign(state.policy, body);
          answer(200, { policy: state.policy });
          return true;
        case "GET publish": {
          const versions = state.versions.map((one) => ({ ...one, live: one.version === state.live }));
          answer(200, { site: siteOf(state, appId), versions });
          return true;
        }
        case "POST publish": {
          await state.hold;
          if (errors.length > 0) {
            refuse(409, "build_failed", { message: "The app cannot be built: 1 error.", errors });
            return true;
          }
          state.live = state.versions.length + 1;
          state.versions.push({ version: state.live, revision: app.revision, publishedAt: Date.now() });
          site();
          return true;
        }
        case "POST publish/rollback":
          state.live = body.version;
          site();
          return true;
        case "PUT publish":
          state.indexed = body.indexed;
          site();
          return true;
        case "DELETE publish":
          state.live = null;
          answer(200, {});
          return true;
        case "GET git":
          answer(200, { remote: state.remote });
          return true;
        case "PUT git":
          state.token = body.token;
          state.remote = { url: body.url, branch: body.branch ?? "main" };
          answer(200, { remote: state.remote, ...(state.problem && { problem: state.problem }) });
          return true;
        case "DELETE git":
          state.remote = null;
          answer(200, {});
          return true;
        case "POST git/push":
          if (state.push.refused) refuse(502, "remote_failed", { message: state.push.refused });
          else {
            Object.assign(state.remote, { pushedRevision: app.revision, pushedAt: Date.now() });
            answer(200, state.push);
          }
          return true;
        default:
          return false;
      }
    },
  };
}
