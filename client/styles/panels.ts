import { css } from 'lit';

/** Buttons with words, quiet text and badges of the pages that are read rather than drawn on. */
export const panels = css`
  h2,
  h3,
  p {
    margin: 0;
  }

  h3 {
    font-size: 15px;
    font-weight: 650;
  }

  .quiet {
    color: var(--ink-quiet);
  }

  .small {
    font-size: var(--text-s);
  }

  .pretty {
    max-width: 68ch;
    text-wrap: pretty;
  }

  .trouble {
    color: var(--bad);
  }

  .trouble:empty {
    display: none;
  }

  .action {
    appearance: none;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-height: var(--control);
    margin: 0;
    padding: 0 14px;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius-m);
    background: var(--paper-raised);
    color: var(--ink);
    font: inherit;
    font-weight: 600;
    text-decoration: none;
    white-space: nowrap;
    cursor: pointer;
    transition: background-color var(--fast);
    -webkit-tap-highlight-color: transparent;
  }

  .action.first {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
  }

  .action.bare {
    border-color: transparent;
    background: none;
    color: var(--accent);
  }

  .action:disabled,
  .action[aria-disabled='true'] {
    border-color: var(--line);
    background: var(--paper-sunk);
    color: var(--ink-quiet);
    cursor: default;
  }

  @media (hover: hover) {
    .action:hover:not(:disabled, [aria-disabled='true']) {
      background: var(--paper-sunk);
    }

    .action.first:hover:not(:disabled, [aria-disabled='true']) {
      background: var(--accent-strong);
    }
  }

  .badge {
    display: inline-block;
    padding: 0 8px;
    border-radius: var(--radius-pill);
    background: var(--paper-sunk);
    color: var(--ink-quiet);
    font-size: var(--text-s);
    font-weight: 500;
    line-height: 20px;
    white-space: nowrap;
  }

  .badge.live {
    background: var(--accent-soft);
    color: var(--accent);
    font-weight: 600;
  }
`;
