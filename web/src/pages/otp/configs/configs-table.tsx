import { VisuallyHidden } from '@mantine/core';
import { Link } from 'react-router';
import type { OtpConfig } from '../../../api/list-configs.ts';
import { Moment } from '../../../components/moment.tsx';
import rows from '../../../components/row-table.module.css';
import { sayParameters } from '../../../config-actions/config-facts.ts';
import { ConfigMenu } from '../../../config-actions/config-menu.tsx';
import { StatusBadge } from '../../../config-actions/status-badge.tsx';

/** Configurations, one a row. */
export function ConfigsTable({ configs }: { configs: readonly OtpConfig[] }) {
  return (
    <div className={rows.sheet}>
      <table className={rows.table}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Parameters</th>
            <th scope="col">Status</th>
            <th scope="col">Last used</th>
            <th scope="col">
              <VisuallyHidden>Actions</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {configs.map((config) => (
            <tr key={config.id}>
              <td className={rows.main}>
                <Link to={`/otp/generate/${config.id}`} className={rows.link}>
                  {config.name}
                </Link>
                <span className={rows.under}>{[config.issuer, config.account].filter(Boolean).join(' · ')}</span>
              </td>
              <td data-label="Parameters">{sayParameters(config)}</td>
              <td data-label="Status">
                <StatusBadge config={config} />
              </td>
              <td data-label="Last used" className={rows.quiet}>
                {config.last_used_at ? <Moment at={config.last_used_at} /> : 'Never'}
              </td>
              <td className={rows.end}>
                <ConfigMenu config={config} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
