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
