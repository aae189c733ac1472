import { css } from 'lit';

/** The paper fills the window; everything else floats at its edges. */
export const canvasPageStyles = css`
  :host {
    position: fixed;
    inset: 0;
    display: block;
  }

  .opening {
    position: absolute;
    inset: 0;
    background: var(--paper);
  }

  tc-header {
    position: absolute;
    inset: var(--space-2) var(--space-2) auto;
    padding: env(safe-area-inset-top) 0 0;
  }

  tc-toolbar {
    position: absolute;
    bottom: max(var(--space-2), env(safe-area-inset-bottom));
    left: 50%;
    transform: translateX(-50%);
  }

  aside {
    position: absolute;
    inset: 64px var(--space-2) auto auto;
    display: flex;
    flex-direction: column;
    width: 256px;
    max-height: calc(100% - 64px - 80px);
    overflow: hidden;
  }

  tc-training-status {
    flex: none;
    border-bottom: 1px solid var(--line);
  }

  tc-category-list {
    flex: 0 1 auto;
    padding-top: var(--space-2);
  }

  wa-drawer {
    --size: min(320px, 88vw);
    --spacing: 0;
  }

  wa-drawer::part(header) {
    padding: var(--space-2) var(--space-2) var(--space-2) var(--space-3);
  }

  .drawer {
    display: flex;
    flex-direction: column;
    height: 100%;
  }

  .rest {
    display: grid;
    flex: none;
    margin-top: auto;
    padding: var(--space-1) 0;
    border-top: 1px solid var(--line);
  }

  .rest button {
    display: flex;
    align-items: center;
    gap: var(--space-2);
    height: 44px;
    padding: 0 var(--space-3);
  }

  tc-toast {
    position: absolute;
    bottom: 72px;
    left: 50%;
    max-width: calc(100% - 2 * var(--space-3));
    transform: translateX(-50%);
  }

  /* The header has room for these there. */
  @media (min-width: 641px) {
    .rest {
      display: none;
    }
  }

  @media (max-width: 640px) {
    tc-toolbar {
      right: var(--space-2);
      left: var(--space-2);
      transform: none;
    }

    tc-toast {
      right: var(--space-2);
      left: var(--space-2);
      max-width: none;
      transform: none;
    }
  }
`;
