import { ActionIcon, Menu } from '@mantine/core';
import {
  IconCheckbox,
  IconDots,
  IconEdit,
  IconHash,
  IconLockOpen,
  IconPlayerPause,
  IconPlayerPlay,
  IconQrcode,
  IconRefreshDot,
  IconTrash,
} from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { Link } from 'react-router';
import { useChangeConfig } from '../api/change-config.ts';
import type { OtpConfig } from '../api/list-configs.ts';
import { Declined } from '../api/problem.ts';
import { useUnlockConfig } from '../api/unlock-config.ts';
import { notify } from '../components/notify.ts';

const dialogs = {
  edit: lazy(() => import('./edit-dialog.tsx')),
  secret: lazy(() => import('./secret-dialog.tsx')),
  resync: lazy(() => import('./resync-dialog.tsx')),
  delete: lazy(() => import('./delete-dialog.tsx')),
};

/** What each dialog about a configuration is given. */
export interface ConfigDialogProps {
  readonly config: OtpConfig;
  readonly onClose: () => void;
  /** The configuration is gone. */
  readonly onDeleted: () => void;
}

/** All that can be done with a configuration. */
export function ConfigMenu({ config, onDeleted = () => {} }: { config: OtpConfig; onDeleted?: () => void }) {
  const [dialog, setDialog] = useState<keyof typeof dialogs>();
  const change = useChangeConfig();
  const unlock = useUnlockConfig();
  const Dialog = dialog && dialogs[dialog];

  function fail(error: Error): void {
    if (!(error instanceof Declined)) void notify(error.message, 'bad');
  }

  function setActive(isActive: boolean): void {
    change.mutate(
      { params: { config_id: config.id }, body: { is_active: isActive } },
      { onSuccess: () => void notify(`${config.name} is ${isActive ? 'active again' : 'paused'}.`), onError: fail },
    );
  }

  return (
    <>
      <Menu position="bottom-end" width={210} shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Actions for ${config.name}`}>
            <IconDots size={20} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to={`/otp/generate/${config.id}`} leftSection={<IconHash size={16} />}>
            Open
          </Menu.Item>
          <Menu.Item component={Link} to={`/otp/validate/${config.id}`} leftSection={<IconCheckbox size={16} />}>
            Validate a code
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconQrcode size={16} />} onClick={() => setDialog('secret')}>
            Show QR and secret
          </Menu.Item>
          <Menu.Item leftSection={<IconEdit size={16} />} onClick={() => setDialog('edit')}>
            Edit
          </Menu.Item>
          <Menu.Item leftSection={<IconRefreshDot size={16} />} onClick={() => setDialog('resync')}>
            Resynchronise
          </Menu.Item>
          {config.locked_until && (
            <Menu.Item
              leftSection={<IconLockOpen size={16} />}
              onClick={() =>
                unlock.mutate(
                  { params: { config_id: config.id } },
                  { onSuccess: () => void notify(`${config.name} is unlocked.`), onError: fail },
                )
              }
            >
              Unlock
            </Menu.Item>
          )}
          {config.is_active ? (
            <Menu.Item leftSection={<IconPlayerPause size={16} />} onClick={() => setActive(false)}>
              Pause
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<IconPlayerPlay size={16} />} onClick={() => setActive(true)}>
              Resume
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setDialog('delete')}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {Dialog && (
        <Suspense>
          <Dialog config={config} onClose={() => setDialog(undefined)} onDeleted={onDeleted} />
        </Suspense>
      )}
    </>
  );
}
