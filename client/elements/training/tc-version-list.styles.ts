import { css } from 'lit';

/** A version takes a line: what it is, how good, what can be done; on a phone they stack. */
export const versionListStyles = css`
  :host {
    display: grid;
    justify-items: start;
    gap: var(--space-3);
  }

  ol {
    width: 100%;
    margin: 0;
    padding: 0 var(--space-3);
    list-style: none;
  }

  li {
    display: grid;
    grid-template-columns: minmax(0, 1.3fr) minmax(0, 1fr) 344px;
    align-items: center;
    gap: var(--space-2) var(--space-4);
    padding: var(--space-3) 0;
  }

  li + li {
    border-top: 1px solid var(--line);
  }

  .held {
    color: var(--warn);
  }

  .how b {
    font-size: var(--text-l);
    font-weight: 650;
  }

  tc-interval {
    margin: 2px 0 4px;
  }

  .deeds {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: end;
    gap: var(--space-1);
  }

  .deeds .bare {
    padding: 0 8px;
  }

  .deeds .badge {
    margin: 0 4px;
  }

  @media (max-width: 840px) {
    li {
      grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
    }

    .deeds {
      grid-column: 1 / -1;
      justify-content: start;
    }
  }

  @media (max-width: 560px) {
    li {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`;
