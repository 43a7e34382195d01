import { plain, type Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const asMember = (path: string, variant = '') => plain(({ member }: World) => member.client.get(path, member), variant);
const asAdmin = (path: string, variant = '') => plain(({ admin }: World) => admin.client.get(path, admin), variant);

/** Statistics, metrics, the audit trail. */
export const otpUsageScenarios = {
  'otp/read-stats': [asMember('/otp/stats')],
  'otp/read-enhanced-stats': [asMember('/otp/stats/enhanced')],
  'otp/list-recent-events': [asMember('/otp/events/recent')],
  'user/read-metrics': [asMember('/user/metrics')],
  'system/read-metrics': [asAdmin('/system/metrics')],
  'audit/list-logs': [
    asAdmin('/audit/logs?limit=20', 'everybody’s'),
    plain(({ admin, member }) => admin.client.get(`/audit/logs?user_id=${member.user.id}`, admin), 'of a user'),
    asAdmin('/audit/logs?limit=20&action=login', 'of an action'),
  ],
  'audit/read-timeline': [asAdmin('/audit/timeline', '24 hours'), asAdmin('/audit/timeline?hours=720', '720 hours')],
  'audit/export-logs': [asAdmin('/audit/export?limit=100', '100 rows')],
} satisfies Record<string, readonly Scenario[]>;
