import { css } from 'lit';

/** Lines of one width however wide the chart is: the picture is stretched, its strokes are not. */
export const lineChartStyles = css`
  :host {
    display: block;
    min-width: 0;
  }

  figure {
    margin: 0;
  }

  figcaption {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 var(--space-3);
    margin-bottom: var(--space-2);
    font-size: var(--text-s);
    color: var(--ink-quiet);
  }

  .headline {
    color: var(--ink);
    font-size: var(--text-m);
    font-weight: 600;
  }

  .key {
    display: inline-flex;
    align-items: center;
    gap: 6px;
  }

  .key i {
    width: 18px;
    border-top: 2px solid var(--accent);
  }

  .key i.dashed {
    border-top: 2px dashed var(--ink-quiet);
  }

  .frame {
    display: grid;
    grid-template-columns: auto 1fr;
    height: 144px;
  }

  .ticks {
    position: relative;
    width: 40px;
    font-size: 11px;
    color: var(--ink-quiet);
  }

  .ticks span {
    position: absolute;
    right: 8px;
    bottom: var(--at);
    transform: translateY(50%);
    white-space: nowrap;
  }

  .plot {
    position: relative;
    border-radius: 2px;
    touch-action: pan-y;
  }

  svg {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    overflow: visible;
  }

  .grid {
    stroke: var(--line);
    stroke-width: 1px;
    vector-effect: non-scaling-stroke;
  }

  polyline {
    fill: none;
    stroke-width: 2px;
    stroke-linejoin: round;
    vector-effect: non-scaling-stroke;
  }

  polyline.solid {
    stroke: var(--accent);
  }

  polyline.dashed {
    stroke: var(--ink-quiet);
    stroke-dasharray: 5 4;
  }

  .dot {
    position: absolute;
    bottom: var(--y);
    left: var(--x);
    width: 8px;
    height: 8px;
    border: 2px solid var(--paper-raised);
    border-radius: 50%;
    box-sizing: content-box;
    transform: translate(-50%, 50%);
  }

  .dot.solid {
    background: var(--accent);
  }

  .dot.dashed {
    background: var(--ink-quiet);
  }

  .reading {
    position: absolute;
    top: -4px;
    left: var(--x);
    z-index: 1;
    max-width: 200px;
    margin-left: 12px;
    padding: 4px 8px;
    border-radius: var(--radius-s);
    background: var(--ink);
    color: var(--paper);
    font-size: var(--text-s);
    pointer-events: none;
  }

  .reading.left {
    transform: translateX(calc(-100% - 24px));
  }

  .epochs {
    display: flex;
    justify-content: space-between;
    margin: var(--space-1) 0 0 40px;
    color: var(--ink-quiet);
    font-size: 11px;
  }
`;
