import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { synthesize } from './app.ts';
import { built, root } from './build.ts';
import { findStage } from './operator/operated-stage.ts';
import { runCommand } from './run-command.ts';

/** What `sam local start-api` needs, written to `.build/sam`. */
export interface SamFiles {
  readonly template: string;
  readonly envVars: string;
  /** Access key by which the product knows its operator: sam runs functions without their roles. */
  readonly accessKeyId: string;
  /** Port of this machine that containers must reach. */
  readonly port: string;
}

/**
 * Synthesises the stack for containers that use table and keys of the product at `control`. A container sees this machine
 * under another name than itself. The names of the environment must stand in the template: sam only replaces their values.
 */
export async function prepareSam(control: string): Promise<SamFiles> {
  const env: Record<string, string | undefined> = {};
  const { tableName, dataKeyId, signingKeyId } = await findStage({ control }, env);
  const address = new URL(env['AWS_ENDPOINT_URL_DYNAMODB'] ?? '');
  const { port } = address;
  address.hostname = 'host.docker.internal';
  await synthesize({ CDK_OUTDIR: built.sam }, { stage: 'sam', aws_endpoint: address.origin });
  const envVars = join(built.sam, 'env.json');
  const Parameters = {
    TABLE_NAME: tableName,
    DATA_KEY_ID: dataKeyId,
    SIGNING_KEY_ID: signingKeyId,
    // Nothing here comes through CloudFront: nobody knows it.
    EDGE_KEY: randomBytes(24).toString('hex'),
  };
  await writeFile(envVars, `${JSON.stringify({ Parameters }, null, 2)}\n`);
  return {
    template: join(built.sam, 'otp-service-sam.template.json'),
    envVars,
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    port,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { 'control-port': { type: 'string', default: process.env['CONTROL_PORT'] ?? '8001' } },
  });
  const { template, envVars, accessKeyId, port } = await prepareSam(`http://127.0.0.1:${values['control-port']}`);
  console.log(
    [
      `AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=local AWS_REGION=us-east-1 \\`,
      `  sam local start-api --port 8080 --template ${relative(root, template)} --env-vars ${relative(root, envVars)}`,
      '',
      `Containers reach the product at port ${port} of host.docker.internal. Docker on Linux has that name with`,
      `--add-host host.docker.internal:172.17.0.1, and the port with: socat TCP-LISTEN:${port},bind=172.17.0.1,fork TCP:127.0.0.1:${port}`,
    ].join('\n'),
  );
}

if (import.meta.main) await runCommand(main);
