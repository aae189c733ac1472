import { css } from 'lit';

/** Text fields and choices of forms; words about a field stand in the same tree, so that they are read out with it. */
export const fields = css`
  fieldset {
    min-width: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }

  legend {
    padding: 0 0 var(--space-2);
    font-size: 15px;
    font-weight: 650;
  }

  .choice {
    display: flex;
    align-items: start;
    gap: 10px;
    padding: 6px 0;
    cursor: pointer;
  }

  .choice input {
    flex: none;
    width: 18px;
    height: 18px;
    margin: 1px 0 0;
    accent-color: var(--accent);
    cursor: inherit;
  }

  .under {
    display: grid;
    gap: var(--space-2);
    margin: 0 0 var(--space-2) 28px;
  }

  .field {
    display: grid;
    align-content: start;
    gap: 4px;
    min-width: 0;
  }

  .field label {
    font-weight: 500;
  }

  .text {
    width: 100%;
    max-width: 200px;
    height: var(--control);
    padding: 0 12px;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius-s);
    background: var(--paper-raised);
    color: var(--ink);
    font: inherit;
  }

  .text::placeholder {
    color: var(--ink-quiet);
    opacity: 1;
  }

  .text[aria-invalid='true'] {
    border-color: var(--bad);
    box-shadow: 0 0 0 1px var(--bad);
  }

  .about {
    color: var(--ink-quiet);
    font-size: var(--text-s);
    text-wrap: pretty;
  }

  .field .trouble {
    font-size: var(--text-s);
  }
`;
