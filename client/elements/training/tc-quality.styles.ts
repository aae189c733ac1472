import { css } from 'lit';

/** Cards below each other; the figures in a row as long as there is room. */
export const qualityStyles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--space-3);
  }

  .card {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--space-2);
    margin: 0;
    padding: var(--space-3);
  }

  dl.card {
    grid-template-columns: repeat(auto-fit, minmax(min(176px, 100%), 1fr));
    gap: var(--space-3) var(--space-4);
  }

  dt {
    color: var(--ink-quiet);
    font-size: var(--text-s);
  }

  dd {
    margin: 0;
  }

  dd b {
    display: block;
    font-size: var(--text-xl);
    font-weight: 650;
    letter-spacing: -0.02em;
  }

  dd span {
    display: block;
    max-width: 36ch;
    color: var(--ink-quiet);
    font-size: var(--text-s);
    text-wrap: pretty;
  }

  ol {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(280px, 100%), 1fr));
    gap: 0 var(--space-4);
    margin: 0 0 var(--space-3);
    padding: 0;
    list-style: none;
  }

  ol button {
    display: flex;
    justify-content: space-between;
    gap: var(--space-2);
    width: 100%;
    min-height: var(--control);
    align-items: center;
    border-bottom: 1px solid var(--line);
  }

  ol b {
    font-weight: 600;
  }

  @media (hover: hover) {
    ol button:hover span:first-child {
      text-decoration: underline;
      text-underline-offset: 3px;
    }
  }
`;
