import type { TestProject } from 'vitest/node';
import { limits } from '../../shared/domain/policy.ts';
import { buildConsole, buildFunctions, built } from '../build.ts';
import { attachDynamoDb, startDynamoDb } from './dynamodb.ts';
import { isWholeSuite, judgeGrants, readGrantReport } from './grant-check.ts';
import type { ProductInfo } from './product.ts';
import { launchProduct } from './product-launch.ts';
import { synthesizeStack } from './synthesis.ts';
import { failOnLeakedSecrets } from './testing/leaked-secrets.ts';
import { watchSecrets } from './testing/secrets-seen.ts';
import { clientAddressHeader } from './testing.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A product with the limits of the policy. */
    standard: ProductInfo;
    /** A product whose limits nobody reaches. */
    generous: ProductInfo;
  }
}

const generousLimits = Object.fromEntries(Object.keys(limits).map((name) => [name, '1000000/1s']));

/**
 * Starts both products before the first test that needs one, over one DynamoDB in memory, and stops them after the last. When the
 * whole suite ran and passed, a grant that nothing used fails the run; and every run fails where a secret of a test was kept or logged.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { provide } = project;
  const endpoint = process.env.DYNAMODB_ENDPOINT;
  const opening = endpoint === undefined ? startDynamoDb() : attachDynamoDb(endpoint);
  const [opened, assemblies] = await Promise.allSettled([opening, prepare()]);
  if (opened.status === 'rejected') throw opened.reason;
  if (assemblies.status === 'rejected') {
    await opened.value.stop();
    throw assemblies.reason;
  }
  const launch = (name: string, folder: string) => {
    return launchProduct({
      // Of this run alone, should the DynamoDB be one that others use too.
      tableName: `otp-${name}-${process.pid}`,
      dynamoDb: opened.value.endpoint,
      assembly: { folder, bundles: built.functions, console: built.console },
      ...(clientAddressHeader !== undefined && { clientAddressHeader }),
    });
  };
  const { standard, generous } = assemblies.value;
  const launched = await Promise.allSettled([launch('standard', standard), launch('generous', generous)]);
  const stop = async () => {
    await Promise.all(launched.map((product) => (product.status === 'fulfilled' ? product.value.stop() : undefined)));
    await opened.value.stop();
  };
  const [first, second] = launched;
  if (first.status === 'rejected' || second.status === 'rejected') {
    await stop();
    throw first.status === 'rejected' ? first.reason : second.status === 'rejected' ? second.reason : undefined;
  }
  const products = [first.value.info, second.value.info];
  for (const product of products) watchSecrets(product);
  provide('standard', first.value.info);
  provide('generous', second.value.info);
  return async () => {
    try {
      await failOnLeakedSecrets(products);
      await checkGrants(project, products);
    } finally {
      await stop();
    }
  };
}

async function checkGrants(project: TestProject, products: readonly ProductInfo[]): Promise<void> {
  const { state, config } = project.vitest;
  const modules = state.getTestModules().filter((module) => module.project.name === project.name);
  const isWhole = isWholeSuite({
    files: (await project.globTestFiles()).testFiles,
    passed: modules.filter((module) => module.state() === 'passed').map(({ moduleId }) => moduleId),
    namePattern: config.testNamePattern,
  });
  if (!isWhole) return;
  const sentences = judgeGrants(await Promise.all(products.map(({ control }) => readGrantReport(control))));
  if (sentences.length === 0) return;
  console.error(['', 'The grants are wrong (infra/needs.ts):', ...sentences].join('\n'));
  // A teardown has no other way to fail a run.
  process.exitCode = 1;
}

async function prepare() {
  await buildFunctions();
  await buildConsole();
  const [standard, generous] = await Promise.all([synthesizeStack(), synthesizeStack({ limits: generousLimits })]);
  return { standard, generous };
}
