import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // The products do most of the work, in processes of their own: a file of tests waits for them half of its time.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          // Files share what they import, CDK and the SDK above all; what a test changes of it, it puts back.
          isolate: false,
          include: ['.ci/**/*.test.ts', 'shared/**/*.test.ts', 'infra/**/*.test.ts'],
          exclude: ['infra/admin.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Over HTTP and in a browser: two products run for all of these, one with the limits of the policy.
        test: {
          name: 'product',
          include: ['functions/**/*.test.ts', 'web/**/*.test.ts', 'infra/admin.test.ts'],
          globalSetup: ['infra/local/global-setup.ts', 'web/testing/browser-server.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // As patient as the browser is with its own waits.
          expect: { poll: { timeout: 30_000 } },
        },
      },
    ],
  },
});
