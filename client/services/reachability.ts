/**
 * Calls back when the device has a network again, and when somebody looks at the page again: what
 * failed a moment ago may work now. Returns its undo.
 */
export function whenReachable(react: () => void): () => void {
  // Outside of a browser nothing of the kind is told.
  if (typeof document === 'undefined') return () => undefined;
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') react();
  };
  addEventListener('online', react);
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    removeEventListener('online', react);
    document.removeEventListener('visibilitychange', onVisible);
  };
}
