import { css } from 'lit';

/** Two columns of choices, then the numbers in as many as fit. */
export const strategyFormStyles = css`
  form {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--space-4);
    padding: var(--space-3);
  }

  .columns {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr));
    gap: var(--space-4);
  }

  .numbers {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(176px, 100%), 1fr));
    gap: var(--space-3) var(--space-4);
  }

  .least {
    display: grid;
    align-content: start;
    gap: var(--space-2);
  }

  .under .choice {
    padding: 2px 0;
  }

  footer {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-2);
    padding-top: var(--space-3);
    border-top: 1px solid var(--line);
  }
`;
