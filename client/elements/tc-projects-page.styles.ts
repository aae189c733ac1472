import { css } from 'lit';

/** One column of cards on the paper. */
export const projectsPageStyles = css`
  :host {
    display: block;
    height: 100%;
    overflow-y: auto;
    background: var(--paper);
  }

  main {
    max-width: 880px;
    margin: 0 auto;
    padding: var(--space-3) var(--space-3) var(--space-6);
  }

  .home {
    display: inline-flex;
    align-items: center;
    gap: var(--space-2);
    border-radius: var(--radius-s);
    color: var(--ink);
    font-weight: 600;
    text-decoration: none;
  }

  h1 {
    margin: var(--space-6) 0 var(--space-1);
    font-size: 32px;
    font-weight: 650;
    letter-spacing: -0.02em;
  }

  .lead {
    max-width: 56ch;
    margin: 0 0 var(--space-4);
    color: var(--ink-quiet);
    font-size: var(--text-l);
    text-wrap: pretty;
  }

  form {
    display: flex;
    align-items: end;
    gap: var(--space-2);
    max-width: 480px;
    margin-bottom: var(--space-4);
  }

  wa-input {
    flex: 1;
  }

  ul {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(256px, 1fr));
    gap: var(--space-3);
    margin: 0;
    padding: 0;
    list-style: none;
  }

  li {
    position: relative;
  }

  /* Beside the card's own button, not in it. */
  li a {
    position: absolute;
    right: var(--space-2);
    bottom: var(--space-1);
    display: grid;
    place-items: center;
    height: var(--control);
    padding: 0 var(--space-2);
    border-radius: var(--radius-s);
    color: var(--accent);
    font-weight: 600;
    text-decoration: none;
  }

  @media (hover: hover) {
    li a:hover {
      text-decoration: underline;
      text-underline-offset: 3px;
    }
  }

  .project {
    position: relative;
    display: grid;
    align-content: end;
    gap: var(--space-1);
    width: 100%;
    height: 100%;
    min-height: 176px;
    padding: var(--space-3) var(--space-3) 44px;
    overflow: hidden;
    border: 1px solid var(--line);
    background: var(--paper-raised);
    transition: box-shadow var(--fast);
  }

  @media (hover: hover) {
    .project:hover {
      box-shadow: var(--shadow-far);
    }
  }

  .name {
    overflow-wrap: anywhere;
    font-size: var(--text-l);
    font-weight: 600;
  }

  tc-doodle {
    position: absolute;
    top: var(--space-2);
    right: var(--space-3);
    width: 80px;
  }

  .about,
  .empty {
    color: var(--ink-quiet);
  }

  .empty {
    max-width: 48ch;
    margin: var(--space-4) 0 0;
    text-wrap: pretty;
  }

  .trouble {
    margin: 0 0 var(--space-3);
    color: var(--bad);
  }

  .trouble:empty {
    display: none;
  }
`;
