import { GitBranch, Globe } from "lucide-react";
import { Tabs } from "radix-ui";
import { useEffect, useRef } from "react";
import { useStore } from "zustand";
import type { Api } from "../api/client";
import type { FilesStore } from "../files/store";
import { Dialog } from "../ui/Dialog";
import { GitPanel } from "./GitPanel";
import { SitePanel } from "./SitePanel";
import { usePolicy } from "./usePolicy";
import { useRemote } from "./useRemote";
import { useSite } from "./useSite";

export type PublishTab = "site" | "git";
/** How the app on the web stands to the one at hand; "busy" while something is being published or pushed. */
export type PublishState = "none" | "live" | "changed" | "busy";

interface PublishDialogProps {
  api: Api;
  appId: string;
  files: FilesStore;
  /** What is looked at; null while the dialog is closed, which ends nothing that is under way. */
  tab: PublishTab | null;
  onTab(tab: PublishTab | null): void;
  /** Claude is at work, and may publish. */
  working: boolean;
  onState(state: PublishState): void;
  onOpenFile(path: string, line?: number, column?: number): void;
  onAskClaude(text: string): void;
}

const TABS = [
  { id: "site", label: "Publish", icon: Globe },
  { id: "git", label: "Git", icon: GitBranch },
] as const;

const PANEL = "min-h-64 pt-4 outline-none";

/** Where the app goes from here: to an address on the web, and to a git repository. */
export default function PublishDialog(props: PublishDialogProps) {
  const { api, appId, files, tab, onTab, working, onState, onOpenFile, onAskClaude } = props;
  const revision = useStore(files.view, (state) => state.revision);
  const save = () => files.saveAll();
  const site = useSite({ api, appId, save });
  const remote = useRemote({ api, appId, save });
  const policy = usePolicy(api, appId);
  const isOpen = tab !== null;
  const [loadSite, loadRemote, loadPolicy] = [site.load, remote.load, policy.load];
  useEffect(() => {
    // Claude, or another window, may have changed any of it since it was last looked at.
    if (isOpen) void Promise.all([loadSite(), loadRemote(), loadPolicy()]);
  }, [isOpen, loadSite, loadRemote, loadPolicy]);
  useEffect(() => {
    if (!working) void loadSite();
  }, [working, loadSite]);
  const isBusy = site.busy === "publish" || remote.busy === "push";
  const stands = !site.site ? "none" : revision > site.site.revision ? "changed" : "live";
  const state = isBusy ? "busy" : stands;
  useEffect(() => {
    onState(state);
  }, [state, onState]);
  const panel = useRef<HTMLDivElement>(null);
  const step = [site.busy, remote.busy, remote.editing].join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each step may take away the button that began it
  useEffect(() => {
    if (document.activeElement === document.body) panel.current?.focus();
  }, [step]);

  if (tab === null) return null;
  const close = () => onTab(null);
  return (
    <Dialog title="Publish and share" wide onClose={close}>
      <Tabs.Root
        value={tab}
        onValueChange={(chosen) => onTab(chosen === "git" ? "git" : "site")}
        className="mt-3 w-[36rem] max-w-full"
      >
        <Tabs.List aria-label="Ways out" className="flex border-b border-line">
          {TABS.map(({ id, label, icon: Icon }) => (
            <Tabs.Trigger
              key={id}
              value={id}
              className="-mb-px inline-flex h-10 items-center gap-2 border-b-2 border-transparent px-4 text-[13px] text-muted -outline-offset-2 hover:text-ink data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-ink max-md:h-11 max-md:flex-1 max-md:justify-center"
            >
              <Icon size={15} aria-hidden /> {label}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content ref={tab === "site" ? panel : null} value="site" tabIndex={-1} className={PANEL}>
          <SitePanel
            store={site}
            policy={policy}
            revision={revision}
            onOpenFile={(path, line, column) => {
              close();
              onOpenFile(path, line, column);
            }}
            onAskClaude={(text) => {
              close();
              onAskClaude(text);
            }}
          />
        </Tabs.Content>
        <Tabs.Content ref={tab === "git" ? panel : null} value="git" tabIndex={-1} className={PANEL}>
          <GitPanel
            store={remote}
            policy={policy}
            revision={revision}
            zipUrl={api.exportUrl(appId)}
            bundleUrl={api.exportUrl(appId, "bundle")}
          />
        </Tabs.Content>
      </Tabs.Root>
    </Dialog>
  );
}
