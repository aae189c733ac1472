import { css } from 'lit';

/** A quiet table with a bar in each row; on a phone a row takes two lines. */
export const categoryTableStyles = css`
  :host {
    display: block;
    max-height: 560px;
    overflow: auto;
    scrollbar-width: thin;
    scrollbar-color: var(--line) transparent;
  }

  table {
    width: 100%;
    border-spacing: 0;
  }

  thead th {
    position: sticky;
    top: 0;
    z-index: 1;
    background: var(--paper-raised);
    font-size: var(--text-s);
    font-weight: 500;
    text-align: left;
  }

  thead button {
    min-height: 32px;
    color: var(--ink-quiet);
    white-space: nowrap;
  }

  .arrow {
    display: inline-block;
    min-width: 14px;
    padding-left: 3px;
  }

  tbody th,
  td {
    height: 40px;
    padding: 4px 8px 4px 0;
    border-top: 1px solid var(--line);
  }

  tbody th {
    max-width: 176px;
    overflow: hidden;
    font-weight: 500;
    text-align: left;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .recall {
    width: 50%;
  }

  td.recall {
    white-space: nowrap;
  }

  .bar {
    display: inline-block;
    width: calc(100% - 96px);
    height: 10px;
    overflow: hidden;
    border-radius: var(--radius-pill);
    background: var(--paper-sunk);
    vertical-align: middle;
  }

  .bar i {
    display: block;
    width: var(--share);
    height: 100%;
    border-radius: inherit;
    background: var(--accent);
  }

  .count {
    display: inline-block;
    width: 88px;
    padding-left: 8px;
  }

  thead .precision,
  thead .f1,
  .figure {
    width: 84px;
    text-align: right;
  }

  .precision .arrow,
  .f1 .arrow {
    min-width: 0;
  }

  thead .precision button,
  thead .f1 button {
    text-align: right;
  }

  .figure:last-child,
  .f1 {
    padding-right: 0;
  }

  @media (max-width: 560px) {
    thead tr {
      display: flex;
      flex-wrap: wrap;
      gap: 0 var(--space-2);
    }

    thead .precision,
    thead .f1,
    thead .recall {
      width: auto;
    }

    tbody tr {
      display: grid;
      grid-template-columns: 1fr auto auto;
      gap: 0 var(--space-2);
      padding: var(--space-2) 0;
      border-top: 1px solid var(--line);
    }

    tbody th,
    td {
      width: auto;
      height: auto;
      padding: 0;
      border: 0;
    }

    .figure {
      width: auto;
      color: var(--ink-quiet);
      font-size: var(--text-s);
    }

    .figure::before {
      content: attr(data-name) ' ';
    }

    td.recall {
      display: flex;
      grid-column: 1 / -1;
      grid-row: 2;
      align-items: center;
      width: 100%;
    }

    .bar {
      flex: 1;
      width: auto;
    }
  }
`;
