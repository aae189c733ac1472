import { css } from 'lit';

/** A version takes a line; what is asked about it opens below. */
export const versionsDialogStyles = css`
  wa-dialog {
    --width: 520px;
  }

  form {
    display: flex;
    align-items: end;
    gap: var(--space-2);
    margin-top: var(--space-3);
  }

  wa-input {
    flex: 1;
    min-width: 0;
  }

  .trouble {
    margin-top: var(--space-2);
  }

  ul {
    margin: var(--space-3) 0 0;
    padding: 0;
    list-style: none;
  }

  li {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: center;
    gap: var(--space-2);
    padding: 10px 0;
    border-top: 1px solid var(--line);
  }

  h3 {
    overflow-wrap: anywhere;
  }

  .deeds {
    display: flex;
    align-items: center;
    gap: var(--space-1);
  }

  .deeds .icon-button {
    color: var(--ink-quiet);
  }

  .question {
    grid-column: 1 / -1;
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2);
    padding: 12px;
    border-radius: var(--radius-m);
    background: var(--paper-sunk);
  }

  .question p {
    flex: 1 0 100%;
  }

  [role='status'],
  .empty,
  .failed {
    margin-top: var(--space-3);
    padding-top: var(--space-3);
    border-top: 1px solid var(--line);
  }

  .failed {
    display: grid;
    justify-items: start;
    gap: var(--space-2);
  }

  section {
    display: grid;
    justify-items: start;
    gap: var(--space-2);
    margin-top: var(--space-3);
    padding-top: var(--space-3);
    border-top: 1px solid var(--line);
  }

  section .question {
    width: 100%;
  }

  @media (max-width: 480px) {
    form {
      flex-direction: column;
      align-items: stretch;
    }
  }
`;
