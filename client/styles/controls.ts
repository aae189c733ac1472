import { css } from 'lit';

/** What all elements share: boxes, plain buttons, cards, and text for screen readers only. */
export const controls = css`
  :host {
    box-sizing: border-box;
  }

  :host([hidden]) {
    display: none;
  }

  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  .card {
    background: var(--paper-raised);
    border: 1px solid var(--line);
    border-radius: var(--radius-l);
    box-shadow: var(--shadow-near);
  }

  .plain {
    appearance: none;
    border: 0;
    margin: 0;
    padding: 0;
    background: none;
    color: inherit;
    font: inherit;
    text-align: inherit;
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
  }

  .icon-button {
    display: inline-grid;
    place-items: center;
    min-width: var(--control);
    height: var(--control);
    border-radius: var(--radius-m);
    color: var(--ink);
    font-size: 20px;
    transition: background-color var(--fast);
  }

  @media (hover: hover) {
    .icon-button:hover:not(:disabled, [aria-pressed='true']) {
      background: var(--paper-sunk);
    }
  }

  .icon-button:disabled {
    color: var(--ink-quiet);
    opacity: 0.45;
    cursor: default;
  }

  .icon-button[aria-pressed='true'] {
    background: var(--accent-soft);
    color: var(--accent);
  }

  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }

  .only-spoken {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  wa-icon {
    --wa-icon-size: 1em;
  }
`;
