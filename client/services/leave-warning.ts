/**
 * Has the browser ask before the page is left, for as long as `isAtRisk` says that something would
 * be lost with it. Returns its undo.
 */
export function warnBeforeLeaving(isAtRisk: () => boolean): () => void {
  // Outside of a browser there is no page to be left.
  if (typeof document === 'undefined') return () => undefined;
  const onLeave = (event: Event): void => {
    if (isAtRisk()) event.preventDefault();
  };
  addEventListener('beforeunload', onLeave);
  return () => removeEventListener('beforeunload', onLeave);
}
