import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { RASTER_PIXELS } from '../../shared/limits.ts';
import { rasterize } from '../../shared/rasterize.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';

/** Colour of the ink that was drawn first, and of the last; between them as it was drawn. */
const FIRST = [255, 178, 102] as const;
const LAST = [255, 255, 255] as const;
/** Share of the ink's brightness that the plane of the order has for the last ink. */
const LAST_BRIGHTNESS = 0.2;

/** The pixels that the model is given, made by the very function that prediction and training use. */
@customElement('tc-raster')
export class TcRaster extends LitElement {
  @property({ attribute: false }) strokes: readonly StrokeColumns[] = [];

  @query('canvas') private readonly canvas!: HTMLCanvasElement | null;

  override render(): TemplateResult {
    return html`
      <canvas
        width=${RASTER_PIXELS}
        height=${RASTER_PIXELS}
        role="img"
        aria-label="What the model sees: the sketch in ${RASTER_PIXELS} by ${RASTER_PIXELS} pixels, warmer where it was drawn first"
      ></canvas>
    `;
  }

  protected override updated(): void {
    const context = this.canvas?.getContext('2d');
    if (!context) return;
    const picture = context.createImageData(RASTER_PIXELS, RASTER_PIXELS);
    const planes = rasterize(this.strokes, { planes: 2 });
    const area = RASTER_PIXELS ** 2;
    for (let i = 0; i < area; i++) {
      const ink = planes[i] ?? 0;
      picture.data.set([...colourOf(ink, planes[area + i] ?? 0), ink], i * 4);
    }
    context.putImageData(picture, 0, 0);
  }

  static override styles = css`
    :host {
      display: block;
    }

    canvas {
      display: block;
      width: 100%;
      aspect-ratio: 1;
      border-radius: var(--radius-s);
      background: #16130f;
      image-rendering: pixelated;
    }
  `;
}

function colourOf(ink: number, order: number): number[] {
  if (ink === 0) return [...LAST];
  const earliness = (order / ink - LAST_BRIGHTNESS) / (1 - LAST_BRIGHTNESS);
  return LAST.map((last, channel) => last + earliness * ((FIRST[channel] ?? last) - last));
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-raster': TcRaster;
  }
}
