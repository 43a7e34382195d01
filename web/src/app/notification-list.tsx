import { Notifications } from '@mantine/notifications';
import '@mantine/notifications/styles.layer.css';

/** The list of notifications; the default export that `lazy` asks for. */
export default function NotificationList() {
  return <Notifications position="bottom-right" autoClose={4_000} />;
}
