import { limits } from '../../shared/domain/policy.ts';
import { built } from '../build.ts';
import { judgeDecisions, readGrantReport } from '../local/grant-check.ts';
import type { ProductInfo } from '../local/product.ts';
import { type LaunchedProduct, launchProduct } from '../local/product-launch.ts';
import { synthesizeStack } from '../local/synthesis.ts';

let launched = 0;

/** Limits that no test reaches. */
const generous = Object.fromEntries(Object.keys(limits).map((name) => [name, '1000000/1s']));

/**
 * Starts a product over a table of its own, beside one that runs: for a test that counts everything there is, or stops what others
 * wait for. Where no product is named whose DynamoDB it shares, it has one of its own, whose writes wait for nobody else's: DynamoDB
 * Local lets one write at a time. Its end throws where a call of a function went past IAM.
 */
export async function launchOwnProduct(sharing?: Pick<ProductInfo, 'dynamo_db'>): Promise<LaunchedProduct> {
  const { info, stop } = await launchProduct({
    tableName: `otp-own-${process.pid}-${++launched}`,
    dynamoDb: sharing?.dynamo_db,
    assembly: { folder: await synthesizeStack({ limits: generous }), bundles: built.functions, console: built.console },
  });
  return {
    info,
    stop: async () => {
      const wrong = judgeDecisions([await readGrantReport(info.control).finally(stop)]);
      if (wrong.length > 0) throw new Error(wrong.join(' '));
    },
  };
}
