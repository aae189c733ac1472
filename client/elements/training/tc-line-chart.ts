import type { TemplateResult } from 'lit';
import { html, LitElement, nothing, svg } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Scale } from '../../drawing/chart-scale.ts';
import { linePath, placeOn, scaleOf } from '../../drawing/chart-scale.ts';
import { controls } from '../../styles/controls.ts';
import { share } from './model-words.ts';
import { lineChartStyles } from './tc-line-chart.styles.ts';

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
}

/** One line of a chart; the second of two is dashed, so that nobody needs to see its colour. */
export interface ChartLine {
  readonly name: string;
  readonly points: readonly ChartPoint[];
  readonly isDashed?: boolean;
}

/** Lines over epochs. Arrow keys or the pointer read the values out. */
@customElement('tc-line-chart')
export class TcLineChart extends LitElement {
  @property() headline = '';
  @property({ attribute: false }) lines: readonly ChartLine[] = [];
  /** `share`: values from 0 to 1 are shown in percent, on a scale that ends at 100 %. */
  @property() unit: 'number' | 'share' = 'number';

  /** The epoch whose values are read out, or null. */
  @state() private chosen: number | null = null;

  override render(): TemplateResult {
    const lines = this.lines.filter(({ points }) => points.length > 0);
    const y = this.#scale(lines);
    const x = rangeOf(lines);
    return html`
      <figure>
        <figcaption>
          <span class="headline">${this.headline}</span>
          ${lines.map((line) => renderKey(line))}
        </figcaption>
        <div class="frame">
          <div class="ticks" aria-hidden="true">
            ${y.ticks.map((tick) => html`<span .style=${`--at: ${placeOn(y, tick)}%`}>${this.#format(tick, y)}</span>`)}
          </div>
          <div
            class="plot"
            role="slider"
            tabindex="0"
            aria-label="${this.headline}, by epoch"
            aria-valuemin=${x.min}
            aria-valuemax=${x.max}
            aria-valuenow=${this.chosen ?? x.max}
            aria-valuetext=${this.#spoken(lines, this.chosen ?? x.max)}
            @keydown=${(event: KeyboardEvent) => this.#onKey(event, x)}
            @pointermove=${(event: PointerEvent) => this.#onPointer(event, x)}
            @pointerleave=${this.#onLeave}
            @blur=${this.#onLeave}
          >
            ${this.#renderLines(lines, x, y)} ${this.#renderReading(lines, x)}
          </div>
        </div>
        <div class="epochs quiet" aria-hidden="true">
          <span>epoch ${x.min}</span><span>${x.max}</span>
        </div>
      </figure>
    `;
  }

  // Lines, and the two scales that place them.
  #renderLines(lines: readonly ChartLine[], x: Range, y: Scale): TemplateResult {
    return html`
      <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
        ${y.ticks.map((tick) => {
          const at = 100 - placeOn(y, tick);
          return svg`<line class="grid" x1="0" x2="100" y1=${at} y2=${at}></line>`;
        })}
        ${lines.map(({ points, isDashed }) => {
          const kind = isDashed ? 'dashed' : 'solid';
          return svg`<polyline class=${kind} points=${linePath(points, x, y)}></polyline>`;
        })}
      </svg>
      ${lines.map(({ points, isDashed }) => {
        const point = points.find((each) => each.x === this.chosen) ?? points.at(-1);
        return point
          ? html`<i
              class=${isDashed ? 'dot dashed' : 'dot solid'}
              .style=${`--x: ${placeOn(x, point.x)}%; --y: ${placeOn(y, point.y)}%`}
            ></i>`
          : nothing;
      })}
    `;
  }

  #renderReading(lines: readonly ChartLine[], x: Range): TemplateResult | typeof nothing {
    if (this.chosen === null) return nothing;
    const at = placeOn(x, this.chosen);
    return html`<div
      class="reading ${at > 50 ? 'left' : ''}"
      .style=${`--x: ${at}%`}
      aria-hidden="true"
    >
      ${this.#spoken(lines, this.chosen)}
    </div>`;
  }

  #scale(lines: readonly ChartLine[]): Scale {
    const values = lines.flatMap(({ points }) => points.map((point) => point.y));
    return scaleOf(this.unit === 'share' ? [0, 1] : values);
  }

  #format(value: number, { max }: Scale): string {
    if (this.unit === 'share') return share(value);
    return value.toFixed(max < 1 ? 2 : max < 10 ? 1 : 0);
  }

  #spoken(lines: readonly ChartLine[], epoch: number): string {
    const values = lines.flatMap(({ name, points }) => {
      const point = points.find(({ x }) => x === epoch);
      if (!point) return [];
      return [`${name} ${this.unit === 'share' ? share(point.y) : point.y.toFixed(2)}`];
    });
    return [`Epoch ${epoch}`, ...values].join(', ');
  }

  #onKey(event: KeyboardEvent, x: Range): void {
    const { epochs } = x;
    const at = epochs.indexOf(this.chosen ?? x.max);
    const next = {
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      Home: 0,
      End: epochs.length - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.chosen = epochs[Math.max(0, Math.min(epochs.length - 1, next))] ?? null;
  }

  #onPointer(event: PointerEvent, { epochs, min, max }: Range): void {
    const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const wanted = min + ((event.clientX - left) / width) * (max - min);
    const distance = (epoch: number): number => Math.abs(epoch - wanted);
    this.chosen = [...epochs].sort((a, b) => distance(a) - distance(b))[0] ?? null;
  }

  readonly #onLeave = (): void => {
    this.chosen = null;
  };

  static override styles = [controls, lineChartStyles];
}

interface Range {
  readonly min: number;
  readonly max: number;
  /** Those that any line has a value for, in their order. */
  readonly epochs: readonly number[];
}

function rangeOf(lines: readonly ChartLine[]): Range {
  const xs = lines.flatMap(({ points }) => points.map(({ x }) => x));
  const epochs = [...new Set(xs)].sort((a, b) => a - b);
  return { min: epochs[0] ?? 0, max: epochs.at(-1) ?? 0, epochs };
}

function renderKey({ name, isDashed }: ChartLine): TemplateResult {
  return html`<span class="key"><i class=${isDashed ? 'dashed' : 'solid'}></i>${name}</span>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-line-chart': TcLineChart;
  }
}
