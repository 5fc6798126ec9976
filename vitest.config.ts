import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { SummaryReporter } from './scripts/summary-reporter.mjs';

const include = (suffix: string): string[] => [
  `packages/*/src/**/*${suffix}`,
  `packages/*/test/**/*${suffix}`,
  `examples/**/*${suffix}`,
  `bench/src/**/*${suffix}`,
  `simulation/src/**/*${suffix}`,
];

/** `*.test.ts` make up `npm test`; `*.slow.test.ts` (minutes) are a run of their own: `npm run test:slow`. */
const slow = process.env['ASSAY_TESTS'] === 'slow';

// Tests run from source: the `@assay/source` condition resolves packages to their .ts files.
const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ['@assay/source'] },
  ssr: { resolve: { conditions: ['@assay/source'] } },
  test: {
    include: include(slow ? '.slow.test.ts' : '.test.ts'),
    exclude: ['**/node_modules/**', '**/dist/**', ...(slow ? [] : ['**/*.slow.test.ts'])],
    passWithNoTests: slow,
    reporters: ['default', new SummaryReporter()],
    testTimeout: slow ? 900_000 : 120_000,
    hookTimeout: slow ? 900_000 : 120_000,
  },
});

export default config;
