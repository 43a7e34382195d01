import { Anchor, Badge, Group, Paper } from '@mantine/core';
import { Link } from 'react-router';
import type { Me } from '../../api/read-me.ts';
import { Fact, FactList } from '../../components/fact-list.tsx';
import { Moment } from '../../components/moment.tsx';
import { Section } from '../../components/page.tsx';

/** Who is logged in and how well the account is protected. */
export function AccountCard({ me }: { me: Me }) {
  return (
    <Section title="Your account">
      <Paper p="md">
        <FactList>
          <Fact name="Username">{me.username}</Fact>
          <Fact name="E-mail">{me.email}</Fact>
          <Fact name="MFA">
            <Group gap="xs">
              <Badge color={me.mfa_enabled ? 'green' : 'yellow'} variant="light">
                {me.mfa_enabled ? 'On' : 'Off'}
              </Badge>
              {!me.mfa_enabled && (
                <Anchor component={Link} to="/settings?section=mfa" size="sm">
                  Turn it on
                </Anchor>
              )}
            </Group>
          </Fact>
          <Fact name="Last log-in">{me.last_login ? <Moment at={me.last_login} /> : 'This is the first'}</Fact>
        </FactList>
      </Paper>
    </Section>
  );
}
