import { css } from 'lit';

/** A card at the bubble; below 640 px a sheet that comes from below. */
export const correctionStyles = css`
  dialog {
    position: fixed;
    inset: var(--top) auto var(--bottom) var(--left);
    display: flex;
    flex-direction: column;
    gap: var(--space-2);
    width: 320px;
    max-width: none;
    max-height: min(480px, var(--room));
    margin: 0;
    padding: var(--space-3);
    border: 1px solid var(--line);
    border-radius: var(--radius-l);
    background: var(--paper-raised);
    color: var(--ink);
    box-shadow: var(--shadow-far);
    animation: appear var(--fast) ease-out;
  }

  dialog::backdrop {
    background: transparent;
  }

  header {
    display: flex;
    align-items: center;
    gap: var(--space-2);
  }

  tc-raster {
    flex: none;
    width: 56px;
  }

  hgroup {
    flex: 1;
    min-width: 0;
  }

  hgroup p {
    margin: 2px 0 0;
    color: var(--ink-quiet);
    font-size: var(--text-s);
  }

  h2 {
    margin: 0;
    font-size: var(--text-l);
    font-weight: 600;
    line-height: 1.25;
    overflow-wrap: anywhere;
  }

  .close {
    align-self: start;
    margin: -8px -8px 0 0;
    font-size: 16px;
  }

  .verdicts {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: var(--space-2);
  }

  .verdicts button {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: var(--space-1);
    height: var(--control);
    border-radius: var(--radius-m);
    font-weight: 600;
    transition: background-color var(--fast);
  }

  .right {
    background: var(--accent);
    color: var(--on-accent);
  }

  .wrong {
    background: var(--paper-sunk);
  }

  wa-input::part(form-control-label) {
    margin: 0 0 var(--space-1);
    font-size: var(--text-s);
    color: var(--ink-quiet);
  }

  ul {
    flex: 1 1 auto;
    min-height: 88px;
    margin: 0 calc(-1 * var(--space-1));
    padding: 0;
    overflow-y: auto;
    list-style: none;
  }

  .choice {
    position: relative;
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: var(--space-2);
    width: 100%;
    min-height: 36px;
    padding: 0 var(--space-2);
    border-radius: var(--radius-s);
    isolation: isolate;
    outline-offset: -2px;
  }

  .choice span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  /* The bar of a score. */
  .choice::before {
    content: '';
    position: absolute;
    z-index: -1;
    inset: 3px auto 3px 0;
    width: calc(var(--share, 0) * 100%);
    border-radius: 6px;
    background: var(--accent-soft);
  }

  .choice:disabled,
  .verdicts button:disabled {
    opacity: 0.5;
    cursor: progress;
  }

  @media (hover: hover) {
    .choice:hover:enabled,
    .wrong:hover:enabled {
      background: var(--paper-sunk);
    }

    .right:hover:enabled {
      background: var(--accent-strong);
    }
  }

  .choice .share {
    flex: none;
    color: var(--ink-quiet);
  }

  .new {
    justify-content: start;
    color: var(--accent);
    font-weight: 600;
  }

  kbd {
    margin-left: auto;
    padding: 0 6px;
    border: 1px solid var(--line);
    border-radius: 6px;
    color: var(--ink-quiet);
    font: 500 11px/18px var(--font);
  }

  .trouble {
    margin: 0;
    color: var(--bad);
  }

  .trouble:empty {
    display: none;
  }

  wa-switch {
    flex: none;
    padding-top: var(--space-2);
    border-top: 1px solid var(--line);
  }

  @media (max-width: 640px) {
    dialog {
      inset: auto 0 0;
      width: 100%;
      max-height: 82dvh;
      padding-bottom: max(var(--space-3), env(safe-area-inset-bottom));
      border-width: 1px 0 0;
      border-radius: 20px 20px 0 0;
    }

    dialog::backdrop {
      background: rgb(20 14 8 / 30%);
    }

    kbd {
      display: none;
    }
  }

  @keyframes appear {
    from {
      opacity: 0;
      transform: translateY(8px);
    }
  }

  @media (prefers-reduced-motion: reduce) {
    dialog {
      animation: none;
    }
  }
`;
