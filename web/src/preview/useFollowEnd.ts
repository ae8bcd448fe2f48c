import { useCallback, useRef, useState } from "react";

/** Nearer to the end than this, in px, counts as at the end. */
const NEAR = 16;

/**
 * Keeps a scrolled list at its end while it grows, until the reader scrolls up. What counts is where the reader
 * scrolls to, and not what the list does meanwhile: many lines may come in the very moment in which it is shown.
 */
export function useFollowEnd() {
  const region = useRef<HTMLElement | null>(null);
  const following = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    following.current = true;
    if (region.current) region.current.scrollTop = region.current.scrollHeight;
  }, []);
  /** Of the scrolled element: watches its first child grow, and its own size. */
  const follow = useCallback(
    (element: HTMLElement | null) => {
      region.current = element;
      if (!element) return;
      let top = 0;
      const onScroll = () => {
        const left = element.scrollHeight - element.clientHeight - element.scrollTop;
        if (left <= NEAR) following.current = true;
        else if (element.scrollTop < top) following.current = false;
        top = element.scrollTop;
        setAtEnd(following.current);
      };
      const observer = new ResizeObserver(() => {
        if (following.current) toEnd();
      });
      observer.observe(element);
      if (element.firstElementChild) observer.observe(element.firstElementChild);
      element.addEventListener("scroll", onScroll, { passive: true });
      return () => {
        observer.disconnect();
        element.removeEventListener("scroll", onScroll);
      };
    },
    [toEnd],
  );
  return { follow, atEnd, toEnd };
}
