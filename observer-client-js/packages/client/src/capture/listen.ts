/** Listens in the capture phase, before the page's own listeners, and returns the undo. Never prevents anything. */
export function listen(
  target: Window | Document,
  type: string,
  listener: (event: Event) => void,
): () => void {
  target.addEventListener(type, listener, true);
  return () => target.removeEventListener(type, listener, true);
}
