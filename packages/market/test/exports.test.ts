import { expect, test } from 'vitest';
import * as market from '../src/index.ts';
import * as node from '../src/node/index.ts';
import * as testing from '../src/testing/index.ts';

test('what the package exports', () => {
  const names = (module: object): string[] => Object.keys(module).sort();
  expect({
    market: names(market),
    node: names(node),
    testing: names(testing),
  }).toMatchSnapshot();
});
