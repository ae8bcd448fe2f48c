import { lazy, type ReactNode, useState } from "react";
import { LazyPart } from "../ui/LazyPart";

const LinkDialog = lazy(() => import("./LinkDialog"));

// Room for a page, a language and a place in it, and hardly for what an app keeps secret.
const LONGEST_QUERY = 64;
// A path carries data as well as a query does. The addresses of articles and documents are seldom as long.
const LONGEST_ADDRESS = 200;

const LOOK = "text-start wrap-anywhere text-accent";

interface OutsideLinkProps {
  url: string;
  /** The label's text, which is compared with where the link leads. */
  label: string;
  children?: ReactNode;
}

/**
 * A link in a text that nobody has checked. It leads to https alone and says to which host, if the label does not.
 * One that may carry data away asks first, and has no address that a browser could open without asking.
 */
export function OutsideLink({ url, label, children }: OutsideLinkProps) {
  const [isAsking, setAsking] = useState(false);
  const address = outsideAddress(url);
  if (!address) return <span>{children}</span>;
  const { href, host } = address;
  const content = (
    <>
      <bdi className="underline underline-offset-2">{children}</bdi>
      {!showsHost(label, host) && (
        <span>
          {" "}
          {/* Apart from the label, in which characters may turn around the order of what follows. */}
          <bdi dir="ltr" translate="no" className="inline-block max-w-full font-normal break-all text-muted">
            {`(${host})`}
          </bdi>
        </span>
      )}
    </>
  );
  if (!mayCarryData(address)) {
    return (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow" className={LOOK}>
        {content}
      </a>
    );
  }
  return (
    <>
      <button type="button" aria-haspopup="dialog" onClick={() => setAsking(true)} className={LOOK}>
        {content}
      </button>
      {isAsking && (
        <LazyPart what="The question">
          <LinkDialog address={address} onClose={() => setAsking(false)} />
        </LazyPart>
      )}
    </>
  );
}

/** The address of a page elsewhere, without a name or password to sign in there; null for all else. */
function outsideAddress(url: string): URL | null {
  if (!/^https:\/\//i.test(url)) return null;
  try {
    const address = new URL(url);
    address.username = address.password = "";
    return address;
  } catch {
    return null;
  }
}

/** True if the label is the address itself, in characters that look like nothing else. */
function showsHost(label: string, host: string): boolean {
  const [, shown] = /^(?:https?:\/\/)?([a-z\d.:-]+)(?:[/?#][!-~]*)?$/i.exec(label) ?? [];
  return shown?.toLowerCase() === host;
}

function mayCarryData({ search, hash, href }: URL): boolean {
  return search.length + hash.length > LONGEST_QUERY || href.length > LONGEST_ADDRESS;
}
