import * as apiKeys from './api-keys.ts';
import * as audit from './audit.ts';
import * as otpCodes from './otp-codes.ts';
import * as otpConfigs from './otp-configs.ts';
import * as otpUsage from './otp-usage.ts';
import type { Contract } from './route.ts';
import * as service from './service.ts';
import * as system from './system.ts';
import * as token from './token.ts';
import * as users from './users.ts';

/** The table of all routes: whatever walks over the API walks over this. */
export const routes = {
  ...only(service, ['describeService', 'checkHealth', 'readTime', 'readOpenapi', 'readDocs', 'readJwks']),
  ...only(users, [
    'registerUser',
    'listUsers',
    'readMe',
    'changeMe',
    'changePassword',
    'stepUp',
    'enableMfa',
    'verifyMfa',
    'disableMfa',
    'createRecoveryCodes',
    'countRecoveryCodes',
    'listSessions',
    'endOtherSessions',
    'endSession',
    'readUser',
    'changeUser',
    'unlockUser',
    'resetPassword',
    'resetMfa',
    'endUserSessions',
  ]),
  ...only(token, ['createToken', 'refreshTokens', 'revokeToken', 'authenticate']),
  ...only(otpConfigs, [
    'createConfig',
    'listConfigs',
    'readConfig',
    'changeConfig',
    'deleteConfig',
    'resyncConfig',
    'revealConfig',
    'unlockConfig',
    'importConfigs',
    'exportConfigs',
  ]),
  ...only(otpCodes, ['generateCode', 'validateCode', 'bulkGenerateCodes']),
  ...only(otpUsage, ['readStats', 'readEnhancedStats', 'listRecentEvents', 'readUserMetrics']),
  ...only(system, ['readSystemMetrics']),
  ...only(audit, ['listAuditLogs', 'readTimeline', 'exportAuditLogs']),
  ...only(apiKeys, ['createApiKey', 'listApiKeys', 'deleteApiKey']),
};

/** All contracts in the order of the table. */
export const contracts: readonly Contract[] = Object.values(routes);

/** The file of an endpoint under `functions/`, which is also its function's name. */
export type Operation = (typeof routes)[keyof typeof routes]['operation'];

function only<Module extends object, Name extends keyof Module>(
  module: Module,
  names: readonly Name[],
): Pick<Module, Name> {
  const picked: Partial<Pick<Module, Name>> = {};
  for (const name of names) picked[name] = module[name];
  return picked as Pick<Module, Name>;
}
