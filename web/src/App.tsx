import { LogOut, Monitor, Moon, Plus, Sun } from "lucide-react";
import { lazy, useCallback, useEffect, useState } from "react";
import { useStore } from "zustand";
import type { Api, Config } from "./api/client";
import { type ApiError, asApiError } from "./api/errors";
import { AppPicker } from "./apps/AppPicker";
import { APP_NAME_LIMIT } from "./apps/limits";
import { useApps } from "./apps/useApps";
import { Button } from "./ui/Button";
import { LazyPart } from "./ui/LazyPart";
import type { MenuItem } from "./ui/Menu";
import { Notice } from "./ui/Notice";
import { Reference } from "./ui/Reference";
import { useTheme } from "./ui/theme";
import { createPlaceStore, type View } from "./workspace/place";
import { TopBar } from "./workspace/TopBar";
import { Workspace } from "./workspace/Workspace";

// What is asked for seldom is not on the way of what is looked at first.
const ConfirmDialog = lazy(() => import("./ui/Dialog").then(({ ConfirmDialog }) => ({ default: ConfirmDialog })));
const ImportDialog = lazy(() => import("./apps/ImportDialog"));
const NameDialog = lazy(() => import("./ui/NameDialog").then(({ NameDialog }) => ({ default: NameDialog })));
const SignedOut = lazy(() => import("./SignedOut"));

const THEMES = [
  { id: "system", label: "Theme of the system", icon: Monitor },
  { id: "light", label: "Light theme", icon: Sun },
  { id: "dark", label: "Dark theme", icon: Moon },
] as const;

const BUSY =
  "fixed bottom-20 left-1/2 z-40 -translate-x-1/2 rounded-full bg-ink px-4 py-1.5 text-[13px] whitespace-nowrap text-paper shadow-lg";

interface AppProps {
  api: Api;
  config: Config;
}

export function App({ api, config }: AppProps) {
  const [places] = useState(() => createPlaceStore());
  const place = useStore(places.view);
  const { signedOut, waiting } = useStore(api.trouble);
  const { apps, problem, chatProblem, notDeleted, dismiss, load, select, create, adopt, rename, remove } = useApps(
    api,
    places,
  );
  const [naming, setNaming] = useState(false);
  const [importing, setImporting] = useState(false);
  const [hasUnsaved, setHasUnsaved] = useState(false);
  /** What would throw unsaved changes away, until that is confirmed. */
  const [leaving, setLeaving] = useState<(() => void) | null>(null);
  /** Why signing out has failed. */
  const [stillSignedIn, setStillSignedIn] = useState<string | null>(null);
  const { theme, choice, choose } = useTheme();

  useEffect(() => places.listen(), [places]);
  const setSession = useCallback(
    (session: string | null) => {
      // A new chat that has got its id is the same place, said more exactly.
      const isNew = places.view.getState().session === null;
      places[isNew ? "settle" : "go"]({ session });
    },
    [places],
  );
  const setView = useCallback((view: View) => places.go({ view }), [places]);

  const leave = (to: () => void) => (hasUnsaved ? setLeaving(() => to) : to());
  useEffect(() => {
    places.guard((proceed) => {
      if (hasUnsaved) setLeaving(() => proceed);
      return !hasUnsaved;
    });
    return () => places.guard(null);
  }, [places, hasUnsaved]);

  const signOut = async () => {
    try {
      window.location.assign(await api.signOut());
    } catch (reason) {
      setStillSignedIn(`You are still signed in. ${asApiError(reason).message}`);
    }
  };

  const current = apps?.find((app) => app.appId === place.app) ?? null;
  const appName = current?.name;
  useEffect(() => {
    document.title = appName ? `${appName} · AI Code` : "AI Code";
  }, [appName]);

  const picker = apps && (
    <AppPicker
      apps={apps}
      current={current}
      onSelect={(appId) => appId !== place.app && leave(() => void select(appId))}
      onNew={() => leave(() => setNaming(true))}
      onImport={() => leave(() => setImporting(true))}
      onRename={rename}
      onDelete={(app) => void remove(app)}
    />
  );
  const pageActions: MenuItem[] = THEMES.map(({ id, label, icon }) => ({
    label,
    icon,
    checked: choice === id,
    onSelect: () => choose(id),
  }));
  if (config.signOut) {
    pageActions.push({ separator: true }, { label: "Sign out", icon: LogOut, onSelect: () => void signOut() });
  }

  return (
    <div className="flex h-dvh flex-col">
      {!(current && !problem) && <TopBar picker={picker} />}
      {stillSignedIn && <Notice text={stillSignedIn} action="Dismiss" onAction={() => setStillSignedIn(null)} />}
      {notDeleted && <Notice text={notDeleted} action="Dismiss" onAction={dismiss} />}
      {problem && !signedOut && <Problem error={problem} onRetry={() => void load()} />}
      {!problem && !apps && <p className="working m-auto text-muted">Opening your apps </p>}
      {!problem && apps && !current && (
        <div className="m-auto max-w-sm p-6 text-center">
          <h2 className="font-serif text-2xl">Your first app</h2>
          <p className="mt-2 mb-5 text-muted">An app is a set of files and the chats about them. Give it a name.</p>
          <Button kind="primary" onClick={() => setNaming(true)}>
            <Plus size={15} aria-hidden /> New App
          </Button>
          <Button kind="quiet" className="ms-2" onClick={() => setImporting(true)}>
            Import from Git
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
          view={place.view}
          chatProblem={chatProblem}
          theme={theme}
          onSessionChange={setSession}
          picker={picker}
          pageActions={pageActions}
          onViewChange={setView}
          onUnsavedChange={setHasUnsaved}
          onLeave={() => void load()}
        />
      )}
      <p role="status" className={waiting > 0 ? BUSY : "sr-only"}>
        {waiting > 0 && "Busy, trying again"}
      </p>
      {signedOut && (
        <LazyPart what="The sign-in">
          <SignedOut api={api} signIn={config.signIn} atWork={apps !== null} />
        </LazyPart>
      )}
      <LazyPart what="The dialog">
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
            maxLength={APP_NAME_LIMIT}
            action="Create"
            onSubmit={create}
            onClose={() => setNaming(false)}
          />
        )}
        {importing && <ImportDialog api={api} onImported={adopt} onClose={() => setImporting(false)} />}
      </LazyPart>
    </div>
  );
}

function Problem({ error, onRetry }: { error: ApiError; onRetry(): void }) {
  return (
    <div role="alert" className="m-auto max-w-sm p-6 text-center">
      <h2 className="font-serif text-2xl">That did not work</h2>
      <p className="mt-2 mb-5 text-muted">{error.sentence}</p>
      <Button kind="primary" onClick={onRetry}>
        Try again
      </Button>
      {error.reference && (
        <div className="mt-5 text-muted">
          <Reference id={error.reference} />
        </div>
      )}
    </div>
  );
}
