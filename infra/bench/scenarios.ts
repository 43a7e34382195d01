import type { Operation } from '../../shared/api/index.ts';
import type { Scenario } from './scenario.ts';
import { apiKeyScenarios } from './scenarios/api-keys.ts';
import { otpCodeScenarios } from './scenarios/otp-codes.ts';
import { otpConfigScenarios } from './scenarios/otp-configs.ts';
import { otpUsageScenarios } from './scenarios/otp-usage.ts';
import { serviceScenarios } from './scenarios/service.ts';
import { tokenScenarios } from './scenarios/token.ts';
import { userScenarios } from './scenarios/users.ts';

/** What is measured of each endpoint. One that is missing does not compile. */
export const scenarios: Readonly<Record<Operation, readonly Scenario[]>> = {
  ...otpCodeScenarios,
  ...otpConfigScenarios,
  ...otpUsageScenarios,
  ...userScenarios,
  ...tokenScenarios,
  ...apiKeyScenarios,
  ...serviceScenarios,
};

/** The scenarios of one operation, by its name; throws where there is none. */
export function scenariosOf(operation: string): readonly Scenario[] {
  const found = Object.entries(scenarios).find(([name]) => name === operation)?.[1];
  if (found === undefined || found.length === 0) throw new Error(`infra/bench has no scenario for ${operation}.`);
  return found;
}
