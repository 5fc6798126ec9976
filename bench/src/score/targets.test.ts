import { compile } from '@assay/compiler';
import { describe, expect, it } from 'vitest';
import { cases } from '../cases/index.ts';
import { connectedPipeline, denseInputs, infer } from '../connected.ts';
import { firstOutput } from '../harness.ts';
import { type Accuracy, accuracyOf } from './accuracy.ts';

/** What each model's program must reach against its float model. */
const targets: Readonly<Record<string, (accuracy: Accuracy) => void>> = {
  'digits-cnn': withinHalfAPoint,
  'breast-cancer-mlp': withinHalfAPoint,
  'diabetes-regression': ({ determination }) => {
    const { float, program } = determination ?? { float: 1, program: 0 };
    expect(Math.abs(float - program)).toBeLessThanOrEqual(0.005);
  },
  'cnn-cifar': ({ top1, cosine }) => {
    expect(top1).toBe(1);
    expect(cosine).toBeGreaterThanOrEqual(0.999);
  },
  'mlp-iris': ({ top1, labelled }) => {
    expect(top1).toBe(1);
    withinHalfAPoint({ labelled });
  },
  'article-classification': equalWhereClear,
  authorization: equalWhereClear,
};

function withinHalfAPoint({ labelled }: Pick<Accuracy, 'labelled'>): void {
  const { float, program } = labelled ?? { float: 1, program: 0 };
  expect(Math.abs(float - program)).toBeLessThanOrEqual(0.005);
}

function equalWhereClear({ samples, apart }: Accuracy): void {
  expect(samples).toBe(1000);
  expect(apart?.equal).toBe(apart?.samples);
}

describe('programs agree with their float models', () => {
  it.for(Object.keys(targets))('%s', async (name, { skip }) => {
    const loaded = cases.find((entry) => entry.name === name)?.load();
    if (loaded === undefined) {
      // Models from elsewhere lie beside the repository, which a clone on its own has not.
      if (process.env['CI'] === 'true') throw new Error(`${name}: its files are missing`);
      skip('its files are missing');
      return;
    }
    const { model, calibration, scored, truth } = loaded;
    const { program, weights } = await compile(model, calibration.map(denseInputs(model)));
    const float = await connectedPipeline.float(model, scored);
    const integer = scored.map((inputs) => infer(program, weights, inputs, null));
    targets[name]?.(accuracyOf(float.map(firstOutput), integer.map(firstOutput), truth));
  });
});
