import { useContext, useEffect, useLayoutEffect, useRef } from "react";
import SentAttachments from "../../attachments/SentAttachments";
import type { ChatMessage, Request } from "../model";
import { ApprovalCard } from "./ApprovalCard";
import { RequestsContext } from "./context";
import { QuestionCard } from "./QuestionCard";
import { RequestLine } from "./RequestLine";

interface RequestPartProps {
  request: Request;
  /** The answer in which Claude asks. */
  message: ChatMessage;
}

/** What Claude asks in the middle of a turn: to be answered as long as it waits, and what was answered from then on. */
export default function RequestPart({ request, message }: RequestPartProps) {
  const { answers, isWaiting } = useContext(RequestsContext);
  const given = answers[request.id];
  const isOpen = isWaiting && message.status === "waiting" && !given && request.kind !== "preview";
  const place = useFocus(isOpen);
  if (request.kind === "preview") return given?.picture ? <Picture uploadId={given.picture} /> : null;
  return (
    <div ref={place} tabIndex={-1} data-asks={isOpen || undefined} className="rounded-xl outline-offset-2">
      {!isOpen ? (
        <RequestLine request={request} given={given} message={message} />
      ) : request.kind === "approval" ? (
        <ApprovalCard request={request} />
      ) : (
        <QuestionCard request={request} />
      )}
    </div>
  );
}

/**
 * What comes to be answered gets the focus, itself rather than one of its buttons, unless the vendor is at something
 * else; what has been answered hands it on to the next.
 */
function useFocus(isOpen: boolean) {
  const place = useRef<HTMLDivElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    const element = place.current;
    if (isOpen && !wasOpen.current && element && isIdle(element)) {
      const [first] = document.querySelectorAll("[data-asks]");
      if (first === element) element.focus();
    }
  }, [isOpen]);
  useLayoutEffect(() => {
    if (!isOpen && wasOpen.current && document.activeElement === document.body) {
      const next = document.querySelector<HTMLElement>("[data-asks]") ?? place.current;
      next?.focus({ preventScroll: true });
    }
    return () => {
      wasOpen.current = isOpen;
    };
  }, [isOpen]);
  return place;
}

/** True where nobody types, and the focus is nowhere but in the chat. */
function isIdle(element: HTMLElement): boolean {
  const { activeElement } = document;
  if (activeElement === null || activeElement === document.body) return true;
  if (!element.closest("section")?.contains(activeElement)) return false;
  return !(activeElement instanceof HTMLTextAreaElement && activeElement.value !== "");
}

/** What Claude saw, by the upload that holds it. */
function Picture({ uploadId }: { uploadId: string }) {
  const name = "What Claude saw of the preview";
  return (
    <div className="flex *:justify-start">
      <SentAttachments attachments={[{ uploadId, name, mediaType: "image/jpeg", size: 0, sha256: "" }]} />
    </div>
  );
}
