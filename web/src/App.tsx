import { Monitor, Moon, Plus, Sun } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { useStore } from "zustand";
import type { Api, Config } from "./api/client";
import type { ApiError } from "./api/errors";
import { APP_NAME_LIMIT, AppPicker } from "./apps/AppPicker";
import { useApps } from "./apps/useApps";
import { Button } from "./ui/Button";
import { ConfirmDialog } from "./ui/Dialog";
import type { MenuItem } from "./ui/Menu";
import { NameDialog } from "./ui/NameDialog";
import { Notice } from "./ui/Notice";
import { useTheme } from "./ui/theme";
import { createPlaceStore, type View } from "./workspace/place";
import { TopBar } from "./workspace/TopBar";
import { Workspace } from "./workspace/Workspace";

const THEMES = [
  { id: "system", label: "Theme of the system", icon: Monitor },
  { id: "light", label: "Light theme", icon: Sun },
  { id: "dark", label: "Dark theme", icon: Moon },
] as const;

interface AppProps {
  api: Api;
  config: Config;
}

export function App({ api, config }: AppProps) {
  const [places] = useState(() => createPlaceStore());
  const place = useStore(places.view);
  const { apps, problem, chatProblem, notDeleted, dismiss, load, select, create, rename, remove } = useApps(
    api,
    places,
  );
  const [naming, setNaming] = useState(false);
  const [hasUnsaved, setHasUnsaved] = useState(false);
  /** What would throw unsaved changes away, until that is confirmed. */
  const [leaving, setLeaving] = useState<(() => void) | null>(null);
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
      onRename={rename}
      onDelete={(app) => void remove(app)}
    />
  );
  const themes: MenuItem[] = THEMES.map(({ id, label, icon }) => ({
    label,
    icon,
    checked: choice === id,
    onSelect: () => choose(id),
  }));

  return (
    <div className="flex h-dvh flex-col">
      {!(current && !problem) && <TopBar picker={picker} />}
      {notDeleted && <Notice text={notDeleted} action="Dismiss" onAction={dismiss} />}
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
          view={place.view}
          chatProblem={chatProblem}
          theme={theme}
          onSessionChange={setSession}
          picker={picker}
          pageActions={themes}
          onViewChange={setView}
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
          maxLength={APP_NAME_LIMIT}
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
