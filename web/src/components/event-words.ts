// The actions of the audit trail, and the kinds of OTP events, as people say them.
const actions: Readonly<Record<string, string>> = {
  otp_generate: 'Code generation',
  otp_validate: 'Code validation',
  config_create: 'New configuration',
  config_update: 'Configuration change',
  config_delete: 'Configuration deletion',
  config_resync: 'Resynchronisation',
  config_reveal: 'Secret revealed',
  config_unlock: 'Configuration unlock',
  config_import: 'Import',
  config_export: 'Export of secrets',
  user_create: 'New account',
  user_update: 'Account change',
  user_unlock: 'Account unlock',
  login: 'Log-in',
  logout: 'Log-out',
  refresh_reuse: 'Used refresh token',
  step_up: 'Confirmation of identity',
  session_end: 'End of session',
  password_change: 'Password change',
  password_reset: 'Password reset',
  mfa_setup: 'MFA set-up',
  mfa_enable: 'MFA on',
  mfa_disable: 'MFA off',
  mfa_reset: 'MFA reset',
  recovery_codes_create: 'New recovery codes',
  api_key_create: 'New API key',
  api_key_delete: 'API key deletion',
  access_denied: 'Access denied',
  audit_export: 'Audit export',
};
const otpEvents: Readonly<Record<string, string>> = {
  generate: 'Code generated',
  validate_success: 'Right code',
  validate_failure: 'Wrong code',
};

/** An action as people say it; one that is not known yet, with its underscores as spaces. */
export function sayAction(action: string): string {
  return actions[action] ?? action.replaceAll('_', ' ');
}

/** What happened to a code, as people say it. */
export function sayOtpEvent(eventType: string): string {
  return otpEvents[eventType] ?? sayAction(eventType);
}

/** All actions that are known, for a filter. */
export const knownActions: readonly string[] = Object.keys(actions);
