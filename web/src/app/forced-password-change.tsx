import { Alert, Anchor } from '@mantine/core';
import { useLogOut } from '../api/log-out.ts';
import { useReadMe } from '../api/read-me.ts';
import { PasswordForm } from '../components/password-form.tsx';
import { Entrance } from './entrance.tsx';

/** All that somebody sees who must choose a new password before anything else works. */
export default function ForcedPasswordChange() {
  const { data: me } = useReadMe();
  const logOut = useLogOut();
  return (
    <Entrance
      title="Choose a new password"
      below={
        <Anchor inherit component="button" type="button" onClick={() => logOut.mutate()}>
          Log out instead
        </Anchor>
      }
    >
      <Alert color="yellow" mb="md">
        Your password was set by an administrator. Everything else works once you have chosen your own.
      </Alert>
      <PasswordForm username={me?.username ?? ''} />
    </Entrance>
  );
}
