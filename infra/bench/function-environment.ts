import type { EnvironmentName } from '../../shared/config.ts';

/** What a bundle finds in its environment when the bench runs it outside of the product. */
export function functionEnvironment(
  names: Partial<Record<EnvironmentName, string>> = {},
  awsUrl?: string,
): Record<string, string> {
  const environment: Record<EnvironmentName, string> = {
    TABLE_NAME: 'otp',
    DATA_KEY_ID: 'data-key',
    SIGNING_KEY_ID: 'signing-key',
    STAGE: 'bench',
    ISSUER: 'otp-service-bench',
    EVENT_DAYS: '365',
    REGISTRATION: 'open',
    LIMITS: '{}',
    EDGE_KEY: 'a key that no edge has',
    ...names,
  };
  return {
    ...environment,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    ...(awsUrl !== undefined && { AWS_ENDPOINT_URL: awsUrl }),
  };
}
