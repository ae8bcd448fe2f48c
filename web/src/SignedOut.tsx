import { LogIn } from "lucide-react";
import { useEffect, useLayoutEffect, useRef } from "react";
import type { Api, Config } from "./api/client";
import { Button } from "./ui/Button";
import { onReturn } from "./ui/onReturn";

interface SignedOutProps {
  api: Api;
  signIn: Config["signIn"];
  /** The sign-in has run out at work; else nobody has signed in yet. */
  atWork: boolean;
}

/** In front of the whole page while nobody is signed in; what is behind it stays as it is. */
export default function SignedOut({ api, signIn, atWork }: SignedOutProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const open = () => {
    if (!dialog.current?.open) dialog.current?.showModal();
    // Not the button: somebody may be typing at this moment, and would leave with the next Enter.
    heading.current?.focus();
  };
  useLayoutEffect(open, []);
  useEffect(() => {
    const lookAgain = () => void api.listApps().then(reload, () => undefined);
    return onReturn(lookAgain);
  }, [api]);

  return (
    <dialog
      ref={dialog}
      aria-labelledby="signed-out"
      aria-describedby="signed-out-why"
      onCancel={(event) => event.preventDefault()}
      // Browsers let Esc close any dialog the second time.
      onClose={open}
      className="m-0 h-dvh max-h-none w-screen max-w-none overflow-auto bg-paper p-0 text-ink"
    >
      <div className="flex min-h-full">
        <div className="m-auto max-w-sm p-6 text-center">
          <img src="/favicon.svg" alt="" className="mx-auto mb-4 size-10" />
          <h1 ref={heading} id="signed-out" tabIndex={-1} className="font-serif text-2xl outline-none">
            {atWork ? "You have been signed out" : "You are not signed in"}
          </h1>
          <p id="signed-out-why" className="mt-2 mb-5 text-balance text-muted">
            {atWork ? "Your sign-in has run out. What you have written is kept." : "Sign in to see your apps."}
            {!signIn && " Sign in at the product that you came from, then reload this page."}
          </p>
          <Button
            kind="primary"
            className="h-9 px-4 max-md:h-11"
            onClick={signIn ? () => window.location.assign(withWayBack(signIn)) : reload}
          >
            {signIn && <LogIn size={15} aria-hidden />} {signIn ? "Sign in" : "Reload the page"}
          </Button>
        </div>
      </div>
    </dialog>
  );
}

function reload(): void {
  window.location.reload();
}

/** The address to sign in at, with the way back to this very place. */
function withWayBack(signIn: string): string {
  const { pathname, search, href } = window.location;
  const url = new URL(signIn, href);
  url.searchParams.set("to", pathname + search);
  return url.href;
}
