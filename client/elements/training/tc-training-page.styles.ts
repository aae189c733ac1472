import { css } from 'lit';

/** One column of sections on the paper, below a header that stays. */
export const trainingPageStyles = css`
  :host {
    display: block;
    height: 100%;
    overflow-y: auto;
    background: var(--paper);
    scroll-padding-top: 72px;
  }

  tc-training-header {
    position: sticky;
    top: 0;
    z-index: 5;
  }

  main {
    max-width: 1040px;
    margin: 0 auto;
    padding: var(--space-3) var(--space-3) 96px;
  }

  section {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--space-2);
    scroll-margin-top: 72px;
  }

  section + section {
    margin-top: var(--space-6);
  }

  h2 {
    margin-bottom: var(--space-1);
    font-size: var(--text-xl);
    font-weight: 650;
    letter-spacing: -0.01em;
    scroll-margin-top: 72px;
  }

  h2:focus {
    outline: none;
  }

  h2 .quiet {
    font-size: var(--text-l);
    font-weight: 400;
  }

  tc-toast {
    position: fixed;
    bottom: max(var(--space-3), env(safe-area-inset-bottom));
    left: 50%;
    z-index: 6;
    max-width: calc(100% - 2 * var(--space-3));
    transform: translateX(-50%);
  }
`;
