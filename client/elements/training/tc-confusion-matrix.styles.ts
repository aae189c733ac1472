import { css } from 'lit';

/** Names stay in sight while the cells scroll; empty cells are only lines of the background. */
export const confusionMatrixStyles = css`
  :host {
    --cell: 36px;
    display: block;
    max-height: 560px;
    overflow: auto;
    /* Sideways only: up and down the page scrolls on, also from above the matrix. */
    overscroll-behavior-x: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--line) transparent;
  }

  .matrix {
    position: relative;
    display: grid;
    grid-template-rows: 112px repeat(var(--size), var(--cell));
    grid-template-columns: 120px repeat(var(--size), var(--cell));
    width: max-content;
  }

  /* The field of the cells. */
  .matrix::before {
    content: '';
    grid-area: 2 / 2 / -1 / -1;
    background-image:
      linear-gradient(to right, var(--line) 1px, transparent 1px),
      linear-gradient(to bottom, var(--line) 1px, transparent 1px);
    background-size: var(--cell) var(--cell);
    border-right: 1px solid var(--line);
    border-bottom: 1px solid var(--line);
  }

  [role='row'] {
    display: contents;
  }

  .corner,
  .column,
  .row {
    background: var(--paper-raised);
    font-size: var(--text-s);
  }

  .corner {
    position: sticky;
    top: 0;
    left: 0;
    z-index: 3;
    grid-area: 1 / 1;
    align-content: end;
    padding: 0 8px 6px 0;
    color: var(--ink-quiet);
    white-space: nowrap;
  }

  .column {
    position: sticky;
    top: 0;
    z-index: 2;
    grid-row: 1;
    display: flex;
    align-items: center;
    padding: 6px 0 0;
    writing-mode: vertical-rl;
    transform: rotate(180deg);
  }

  .column span,
  .row {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .column span {
    max-height: 104px;
  }

  .row {
    position: sticky;
    left: 0;
    z-index: 2;
    grid-column: 1;
    align-content: center;
    padding-right: 8px;
    text-align: right;
  }

  .place {
    padding: 1px 0 0 1px;
  }

  .place button {
    width: 100%;
    height: 100%;
    color: var(--ink);
    font-size: var(--text-s);
    text-align: center;
  }

  .wrong {
    background: color-mix(in srgb, var(--accent) calc(8% + var(--heat)), var(--paper-raised));
  }

  .right {
    background: color-mix(in srgb, var(--good) calc(4% + var(--heat)), var(--paper-raised));
  }

  .place button:focus-visible {
    position: relative;
    z-index: 1;
    outline-offset: -1px;
    outline-color: var(--ink);
  }

  @media (hover: hover) {
    .place button:hover {
      box-shadow: inset 0 0 0 2px var(--ink);
    }
  }

  @media (pointer: coarse) {
    :host {
      --cell: 40px;
    }
  }

  @media (max-width: 560px) {
    .matrix {
      grid-template-columns: 88px repeat(var(--size), var(--cell));
    }

    .corner span {
      font-size: 10px;
    }
  }
`;
