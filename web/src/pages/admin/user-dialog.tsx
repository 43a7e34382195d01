import { Modal, Stack, Tabs } from '@mantine/core';
import type { UserForAdmin } from '../../api/list-users.ts';
import { Fact, FactList } from '../../components/fact-list.tsx';
import { Moment } from '../../components/moment.tsx';
import { UserActions } from './user-actions.tsx';
import { UserForm } from './user-form.tsx';

/** One user: what they are, what may be changed, and what may be done about them. */
export default function UserDialog({ user, onClose }: { user: UserForAdmin; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={user.username} size="lg">
      <Stack>
        <FactList>
          <Fact name="E-mail">{user.email}</Fact>
          <Fact name="User id">{user.id}</Fact>
          <Fact name="Since">
            <Moment at={user.created_at} style="full" />
          </Fact>
          <Fact name="Last log-in">{user.last_login ? <Moment at={user.last_login} style="full" /> : 'Never'}</Fact>
          <Fact name="Failed log-ins">{user.failed_login_attempts}</Fact>
          {user.account_locked_until && (
            <Fact name="Locked until">
              <Moment at={user.account_locked_until} style="full" />
            </Fact>
          )}
        </FactList>
        <Tabs defaultValue="form" keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="form">Change</Tabs.Tab>
            <Tabs.Tab value="actions">Help and protect</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="form" pt="md">
            <UserForm user={user} onClose={onClose} />
          </Tabs.Panel>
          <Tabs.Panel value="actions" pt="md">
            <UserActions user={user} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Modal>
  );
}
