import { Plus } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Api, Config } from "./api/client";
import { type ApiError, asApiError } from "./api/errors";
import type { App as AppEntry } from "./api/types";
import { AppPicker } from "./apps/AppPicker";
import { type Place, readPlace, writePlace } from "./apps/place";
import { Button } from "./ui/Button";
import { ConfirmDialog } from "./ui/Dialog";
import { NameDialog } from "./ui/NameDialog";
import { Notice } from "./ui/Notice";
import { TopBar } from "./ui/TopBar";
import { useTheme } from "./ui/theme";
import { Workspace } from "./Workspace";

interface AppProps {
  api: Api;
  config: Config;
}

export function App({ api, config }: AppProps) {
  const [apps, setApps] = useState<AppEntry[] | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [place, setPlace] = useState<Place>({ app: null, session: null });
  const [model, setModel] = useState<string | null>(null);
  const [chatProblem, setChatProblem] = useState<string | null>(null);
  const [naming, setNaming] = useState(false);
  /** A deletion that failed, in words. */
  const [notDeleted, setNotDeleted] = useState<string | null>(null);
  const [hasUnsaved, setHasUnsaved] = useState(false);
  /** What would throw unsaved changes away, until that is confirmed. */
  const [leaving, setLeaving] = useState<(() => void) | null>(null);
  const { theme, choice, choose } = useTheme();

  const selections = useRef(0);
  /** Opens an app where it was left: its latest chat. */
  const select = useCallback(
    async (app: string | null) => {
      const mine = ++selections.current;
      let session: string | null = null;
      let problem: string | null = null;
      try {
        if (app) session = (await api.listSessions(app))[0]?.sessionId ?? null;
      } catch (reason) {
        // The files are of use without the chats.
        problem = asApiError(reason).message;
      }
      if (mine !== selections.current) return; // Another app was picked meanwhile.
      setChatProblem(problem);
      setPlace({ app, session });
    },
    [api],
  );

  const load = useCallback(async () => {
    setProblem(null);
    try {
      const found = await api.listApps();
      const wanted = readPlace();
      const known = found.find((app) => app.appId === wanted.app);
      if (known && wanted.session) setPlace(wanted);
      else await select(known?.appId ?? found[0]?.appId ?? null);
      setApps(found);
    } catch (reason) {
      setProblem(asApiError(reason));
    }
  }, [api, select]);

  useEffect(() => void load(), [load]);
  useEffect(() => {
    if (apps) writePlace(place);
  }, [apps, place]);

  const setSession = useCallback((session: string | null) => {
    setPlace((before) => (before.session === session ? before : { ...before, session }));
  }, []);

  const leave = (to: () => void) => (hasUnsaved ? setLeaving(() => to) : to());

  const create = async (name: string) => {
    const app = await api.createApp(name);
    selections.current += 1;
    setApps((known) => [app, ...(known ?? [])]);
    setPlace({ app: app.appId, session: null });
  };
  const remove = async (app: AppEntry) => {
    setNotDeleted(null);
    try {
      await api.deleteApp(app.appId);
    } catch (reason) {
      const error = asApiError(reason);
      // Deleted elsewhere is deleted as well.
      if (error.status !== 404) return setNotDeleted(`${app.name} was not deleted. ${error.message}`);
    }
    const left = (apps ?? []).filter((other) => other !== app);
    setApps(left);
    if (place.app === app.appId) await select(left[0]?.appId ?? null);
  };

  const current = apps?.find((app) => app.appId === place.app) ?? null;
  const appName = current?.name;
  useEffect(() => {
    document.title = appName ? `${appName} · AI Code` : "AI Code";
  }, [appName]);
  const isDemoModel = config.demo.model === true || /demo/i.test(model ?? "");

  return (
    <div className="flex h-dvh flex-col">
      <TopBar model={model} isDemoModel={isDemoModel} themeChoice={choice} onThemeChoice={choose}>
        {apps && (
          <AppPicker
            apps={apps}
            current={current}
            onSelect={(appId) => appId !== place.app && leave(() => void select(appId))}
            onNew={() => leave(() => setNaming(true))}
            onDelete={(app) => void remove(app)}
          />
        )}
      </TopBar>
      {notDeleted && (
        <Notice>
          <span className="min-w-0 flex-1">{notDeleted}</span>
          <Button onClick={() => setNotDeleted(null)}>Dismiss</Button>
        </Notice>
      )}
      {problem && <Problem error={problem} onRetry={() => void load()} />}
      {!problem && !apps && <p className="working m-auto text-muted">Opening your apps </p>}
      {!problem && apps && !current && (
        <div className="m-auto max-w-sm p-6 text-center">
          <h2 className="font-serif text-2xl">Your first app</h2>
          <p className="mt-2 mb-5 text-muted">An app is a set of files and the chats about them. Give it a name.</p>
          <Button kind="primary" onClick={() => setNaming(true)}>
            <Plus size={15} aria-hidden /> New App
          </Button>
        </div>
      )}
      {!problem && current && (
        <Workspace
          key={current.appId}
          api={api}
          appId={current.appId}
          demo={config.demo}
          sessionId={place.session}
          chatProblem={chatProblem}
          theme={theme}
          onSessionChange={setSession}
          onModelChange={setModel}
          onUnsavedChange={setHasUnsaved}
          onLeave={() => void load()}
        />
      )}
      {leaving && (
        <ConfirmDialog
          title="Leave without saving?"
          text="Some files of this app have changes that are not saved. They would be lost."
          action="Leave"
          onConfirm={leaving}
          onClose={() => setLeaving(null)}
        />
      )}
      {naming && (
        <NameDialog
          title="New app"
          label="Name"
          placeholder="Todo list"
          maxLength={100}
          action="Create"
          onSubmit={create}
          onClose={() => setNaming(false)}
        />
      )}
    </div>
  );
}

function Problem({ error, onRetry }: { error: ApiError; onRetry(): void }) {
  const signedOut = error.status === 401;
  return (
    <div role="alert" className="m-auto max-w-sm p-6 text-center">
      <h2 className="font-serif text-2xl">{signedOut ? "You are not signed in" : "That did not work"}</h2>
      <p className="mt-2 mb-5 text-muted">{error.message}</p>
      <Button kind="primary" onClick={() => (signedOut ? window.location.reload() : onRetry())}>
        {signedOut ? "Reload the page" : "Try again"}
      </Button>
    </div>
  );
}
