import { css } from 'lit';

/**
 * Every colour, space, radius, shadow and duration of the page, as custom properties of the
 * document. Web Awesome's own are set from them. Contrast is at least 4.5:1 for text, on both papers.
 */
export const tokens = css`
  :root {
    --paper: #faf6ee;
    --paper-raised: #fffdf9;
    --paper-sunk: #f2ebde;
    --line: #e3d9c8;
    --line-strong: #91877a;
    --ink: #26221d;
    --ink-quiet: #675e53;
    --accent: #b8431a;
    --accent-strong: #9b3613;
    --accent-soft: #f9e4d8;
    --on-accent: #fffaf3;
    --good: #2c7138;
    --warn: #8f5a00;
    --bad: #b3261e;
    --shadow-near: 0 1px 2px rgb(64 46 24 / 8%), 0 2px 8px rgb(64 46 24 / 6%);
    --shadow-far: 0 2px 4px rgb(64 46 24 / 8%), 0 12px 32px rgb(64 46 24 / 14%);

    --space-1: 4px;
    --space-2: 8px;
    --space-3: 16px;
    --space-4: 24px;
    --space-5: 32px;
    --space-6: 48px;
    --radius-s: 8px;
    --radius-m: 12px;
    --radius-l: 16px;
    --radius-pill: 999px;
    /* The smallest thing that a finger hits. */
    --control: 40px;

    --font: 'Figtree Variable', ui-sans-serif, system-ui, sans-serif;
    --text-s: 12px;
    --text-m: 14px;
    --text-l: 17px;
    --text-xl: 24px;

    --fast: 120ms;
    --slow: 180ms;

    --wa-font-family-body: var(--font);
    --wa-font-size-scale: 0.9375;
    --wa-color-brand-fill-loud: var(--accent);
    --wa-color-brand-fill-normal: var(--accent-soft);
    --wa-color-brand-fill-quiet: var(--accent-soft);
    --wa-color-brand-on-loud: var(--on-accent);
    --wa-color-brand-on-normal: var(--accent);
    --wa-color-brand-on-quiet: var(--accent);
    --wa-color-brand-border-loud: var(--accent);
    --wa-color-brand-border-normal: var(--accent);
    --wa-color-neutral-on-quiet: var(--ink);
    --wa-color-neutral-on-normal: var(--ink);
    --wa-color-neutral-fill-quiet: var(--paper-sunk);
    --wa-color-neutral-fill-normal: var(--paper-sunk);
    --wa-color-neutral-border-loud: var(--line-strong);
    --wa-color-neutral-border-normal: var(--line);
    --wa-color-surface-default: var(--paper-raised);
    --wa-color-surface-raised: var(--paper-raised);
    --wa-color-surface-border: var(--line);
    --wa-color-text-normal: var(--ink);
    --wa-color-text-quiet: var(--ink-quiet);
    --wa-color-text-link: var(--accent);
    --wa-color-focus: var(--accent);
    --wa-color-overlay-modal: rgb(40 28 14 / 28%);
    --wa-panel-border-radius: var(--radius-l);
    --wa-form-control-placeholder-color: var(--ink-quiet);
    --wa-form-control-border-radius: var(--radius-s);
    --wa-form-control-padding-block: 0.6em;
    --wa-focus-ring-width: 2px;
    --wa-focus-ring-offset: 2px;
    --wa-transition-slow: var(--slow);
    --wa-transition-normal: var(--fast);
  }

  :root.wa-dark {
    --paper: #1c1916;
    --paper-raised: #282420;
    --paper-sunk: #332e28;
    --line: #403930;
    --line-strong: #8b8072;
    --ink: #f2ece1;
    --ink-quiet: #b3a898;
    --accent: #f2905f;
    --accent-strong: #ffae86;
    --accent-soft: #47301f;
    --on-accent: #2a1509;
    --good: #8ac994;
    --warn: #e6b562;
    --bad: #ff9d92;
    --shadow-near: 0 1px 2px rgb(0 0 0 / 40%), 0 2px 8px rgb(0 0 0 / 24%);
    --shadow-far: 0 2px 4px rgb(0 0 0 / 40%), 0 12px 32px rgb(0 0 0 / 48%);
    --wa-color-overlay-modal: rgb(0 0 0 / 48%);
  }

  @media (prefers-reduced-motion: reduce) {
    :root {
      --fast: 0ms;
      --slow: 0ms;
    }
  }

  html,
  body {
    background: var(--paper);
    color: var(--ink);
    font: 400 var(--text-m) / 1.45 var(--font);
    font-variant-numeric: tabular-nums;
  }
`;
