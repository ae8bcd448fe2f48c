/** Calls `look` whenever the reader comes back to this page from another tab or window; gives the way to end that. */
export function onReturn(look: () => void): () => void {
  const visible = () => {
    if (!document.hidden) look();
  };
  window.addEventListener("focus", look);
  document.addEventListener("visibilitychange", visible);
  return () => {
    window.removeEventListener("focus", look);
    document.removeEventListener("visibilitychange", visible);
  };
}
