import type { TemplateResult } from 'lit';
import { css, html, LitElement } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { RASTER_PIXELS } from '../../shared/limits.ts';
import { rasterize } from '../../shared/rasterize.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';

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
        aria-label="What the model sees: the sketch in ${RASTER_PIXELS} by ${RASTER_PIXELS} pixels"
      ></canvas>
    `;
  }

  protected override updated(): void {
    const context = this.canvas?.getContext('2d');
    if (!context) return;
    const picture = context.createImageData(RASTER_PIXELS, RASTER_PIXELS);
    for (const [i, grey] of rasterize(this.strokes).entries())
      picture.data.set([255, 255, 255, grey], i * 4);
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

declare global {
  interface HTMLElementTagNameMap {
    'tc-raster': TcRaster;
  }
}
