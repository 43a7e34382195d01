import { Button, Skeleton, TextInput } from '@mantine/core';
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { IconKey, IconSearch, IconZoomQuestion } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { Link } from 'react-router';
import { page } from '../../../../shared/domain/policy.ts';
import { type OtpConfig, useListConfigs } from '../../api/list-configs.ts';
import { EmptyNotice } from '../../components/empty-notice.tsx';
import { Section } from '../../components/page.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { QueryView } from '../../components/query-view.tsx';
import cards from '../../live-codes/code-card.module.css';
import { HotpCard } from '../../live-codes/hotp-card.tsx';
import { TotpCard } from '../../live-codes/totp-card.tsx';
import { liveCodes, useLiveCodes } from '../../live-codes/use-live-codes.ts';

const shownAtFirst = 48;

/** The configurations whose codes are shown: the active ones that the search finds. */
export function useShownCodes(search: string) {
  return useListConfigs({ is_active: true, search: search || undefined });
}

/** The active configurations with their codes. */
export function CodesSection() {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 250);
  const [limit, setLimit] = useState(shownAtFirst);
  const field = useRef<HTMLInputElement>(null);
  const query = useShownCodes(search);

  useHotkeys([['/', () => field.current?.focus()]]);

  return (
    <Section
      title="Codes"
      actions={
        <TextInput
          ref={field}
          aria-label="Search codes"
          placeholder="Search"
          type="search"
          maxLength={page.searchLength}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      }
    >
      <QueryView query={query} skeleton={<CodesSkeleton />}>
        {({ pages }) => {
          const configs = pages.flatMap(({ rows }) => rows);
          if (configs.length === 0) return search ? <NothingFound search={search} /> : <NoneYet />;
          return (
            <>
              <CodeCards configs={configs.slice(0, limit)} />
              {(configs.length > limit || query.hasNextPage) && (
                <Button
                  variant="default"
                  loading={query.isFetchingNextPage}
                  onClick={() => {
                    setLimit(limit + shownAtFirst);
                    if (configs.length <= limit + shownAtFirst && query.hasNextPage) void query.fetchNextPage();
                  }}
                >
                  Show more
                </Button>
              )}
            </>
          );
        }}
      </QueryView>
    </Section>
  );
}

function CodeCards({ configs }: { configs: readonly OtpConfig[] }) {
  const { known, failure } = useLiveCodes(configs);
  return (
    <>
      <ProblemNotice error={failure} onRetry={liveCodes.retry} />
      <div className={cards.grid}>
        {configs.map((config) =>
          config.otp_type === 'totp' ? (
            <TotpCard key={config.id} config={config} known={known.get(config.id)} failed={failure !== undefined} />
          ) : (
            <HotpCard key={config.id} config={config} />
          ),
        )}
      </div>
    </>
  );
}

function CodesSkeleton() {
  return (
    <div className={cards.grid}>
      {[1, 2, 3].map((card) => (
        <Skeleton key={card} height={151} />
      ))}
    </div>
  );
}

function NothingFound({ search }: { search: string }) {
  return (
    <EmptyNotice icon={IconZoomQuestion} title="Nothing found">
      No active configuration has “{search}” in its name, issuer or account.
    </EmptyNotice>
  );
}

function NoneYet() {
  return (
    <EmptyNotice
      icon={IconKey}
      title="No codes yet"
      actions={
        <>
          <Button component={Link} to="/otp/configs?new" variant="default">
            Create one
          </Button>
          <Button component={Link} to="/otp/configs?import" variant="default">
            Import from another app
          </Button>
        </>
      }
    >
      A configuration holds a secret that you share with a service or an authenticator app. Its live code appears here.
    </EmptyNotice>
  );
}
