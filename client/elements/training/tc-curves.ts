import type { TemplateResult } from 'lit';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { CurvePoint } from '../../../shared/training-run.ts';
import type { ChartLine, ChartPoint } from './tc-line-chart.ts';
import './tc-line-chart.ts';

/** Loss and accuracy of a run by epoch; nothing before there are two. */
@customElement('tc-curves')
export class TcCurves extends LitElement {
  @property({ attribute: false }) curve: readonly CurvePoint[] = [];

  override render(): TemplateResult | typeof nothing {
    if (this.curve.length < 2) return nothing;
    const accuracy = valuesOf(this.curve, 'accuracy');
    const losses: ChartLine[] = [
      { name: 'held out sketches', points: valuesOf(this.curve, 'validationLoss') },
      { name: 'training', points: valuesOf(this.curve, 'loss'), isDashed: true },
    ];
    return html`
      <tc-line-chart headline="Loss" .lines=${losses}></tc-line-chart>
      ${
        accuracy.length > 1
          ? html`<tc-line-chart
              headline="Accuracy"
              unit="share"
              .lines=${[{ name: 'held out sketches', points: accuracy }]}
            ></tc-line-chart>`
          : nothing
      }
    `;
  }

  static override styles = css`
    :host {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(min(280px, 100%), 1fr));
      gap: var(--space-4);
    }
  `;
}

function valuesOf(
  curve: readonly CurvePoint[],
  name: 'loss' | 'validationLoss' | 'accuracy',
): ChartPoint[] {
  return curve.flatMap((point) => {
    const y = point[name];
    return y === null ? [] : [{ x: point.epoch, y }];
  });
}

declare global {
  interface HTMLElementTagNameMap {
    'tc-curves': TcCurves;
  }
}
