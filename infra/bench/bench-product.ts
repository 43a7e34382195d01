import { limits } from '../../shared/domain/policy.ts';
import { buildFunctions, built } from '../build.ts';
import { launchProduct } from '../local/product-launch.ts';
import { synthesizeStack } from '../local/synthesis.ts';
import { type ConnectedProduct, clientAddressHeader, connect } from '../local/testing.ts';

/** A product of the bench's own, all in memory. */
export interface BenchProduct {
  readonly product: ConnectedProduct;
  stop(): Promise<void>;
}

// As long as the policy's, since a limit writes something else in its first request than in those that follow.
const wideLimits = Object.fromEntries(
  Object.entries(limits).map(([name, { windowSeconds }]) => [name, { max: 1_000_000, window_seconds: windowSeconds }]),
);

/** Builds, synthesises and starts the product with limits that nobody reaches. */
export async function openBenchProduct(): Promise<BenchProduct> {
  await buildFunctions();
  const dynamoDb = process.env['DYNAMODB_ENDPOINT'] || undefined;
  const { info, stop } = await launchProduct({
    assembly: {
      folder: await synthesizeStack({ limits: wideLimits }),
      bundles: built.functions,
      console: built.console,
    },
    tableName: `otp-bench-${process.pid}`,
    // What this machine bears, not what the stage lets through.
    isUnthrottled: true,
    ...(dynamoDb !== undefined && { dynamoDb }),
    ...(clientAddressHeader !== undefined && { clientAddressHeader }),
  });
  return { product: connect(info), stop };
}
