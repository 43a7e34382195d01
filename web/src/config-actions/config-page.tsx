import { Anchor, Skeleton, Stack } from '@mantine/core';
import { IconArrowLeft, IconKeyOff } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { OtpConfig } from '../api/list-configs.ts';
import { isRefusal } from '../api/problem.ts';
import { useReadConfig } from '../api/read-config.ts';
import { EmptyNotice } from '../components/empty-notice.tsx';
import { Page } from '../components/page.tsx';
import { QueryView } from '../components/query-view.tsx';
import { sayParameters } from './config-facts.ts';
import { ConfigMenu } from './config-menu.tsx';
import { StatusBadge } from './status-badge.tsx';

/** A page about the one configuration whose id is in the address. */
export function ConfigPage({ verb, children }: { verb: string; children: (config: OtpConfig) => ReactNode }) {
  const { id = '' } = useParams();
  const isId = /^[1-9][0-9]{0,8}$/.test(id);
  return isId ? <KnownId id={Number(id)} verb={verb} render={children} /> : <NoSuchConfig />;
}

function KnownId({ id, verb, render }: { id: number; verb: string; render: (config: OtpConfig) => ReactNode }) {
  const query = useReadConfig(id);
  const navigate = useNavigate();
  if (isRefusal(query.error, 'config_not_found')) return <NoSuchConfig />;

  const config = query.data;
  return (
    <>
      <BackLink />
      <Page
        title={config ? `${verb} ${config.name}` : verb}
        description={config && [config.issuer, config.account, sayParameters(config)].filter(Boolean).join(' · ')}
        actions={
          config && (
            <>
              <StatusBadge config={config} />
              <ConfigMenu config={config} onDeleted={() => navigate('/otp/configs', { replace: true })} />
            </>
          )
        }
      >
        <QueryView query={query} skeleton={<Skeleton height={360} />}>
          {(found) => <Stack gap="lg">{render(found)}</Stack>}
        </QueryView>
      </Page>
    </>
  );
}

function BackLink() {
  return (
    <Anchor
      component={Link}
      to="/otp/configs"
      size="sm"
      display="inline-flex"
      mb="xs"
      style={{ alignItems: 'center', gap: '0.25rem' }}
    >
      <IconArrowLeft size={16} aria-hidden /> All configurations
    </Anchor>
  );
}

function NoSuchConfig() {
  return (
    <Page title="No such configuration">
      <EmptyNotice
        icon={IconKeyOff}
        title="You have no configuration with this number"
        actions={
          <Anchor component={Link} to="/otp/configs">
            All configurations
          </Anchor>
        }
      >
        It may have been deleted, or the address may be mistyped.
      </EmptyNotice>
    </Page>
  );
}
