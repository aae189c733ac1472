import type { CanvasSync } from './canvas-sync.ts';

/**
 * Closes a connection at once, or, where changes would be lost with it, when they are saved or never can
 * be. The document must live until `onClosed`.
 */
export function closeWhenSaved(sync: CanvasSync, onClosed: () => void): void {
  sync.hideCursor();
  const closeUnlessNeeded = (): void => {
    if (sync.isAtRisk && sync.maySaveLater) return;
    sync.removeEventListener('state', closeUnlessNeeded);
    sync.close();
    onClosed();
  };
  sync.addEventListener('state', closeUnlessNeeded);
  closeUnlessNeeded();
}
