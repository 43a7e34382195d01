import { lazy, Suspense, useSyncExternalStore } from 'react';
import { notificationsWanted, subscribeToNotifications } from '../components/notify.ts';

const NotificationList = lazy(() => import('./notification-list.tsx'));

/** Where notifications appear, once there is one. */
export function NotificationsHost() {
  const wanted = useSyncExternalStore(subscribeToNotifications, notificationsWanted);
  if (!wanted) return null;
  return (
    <Suspense>
      <NotificationList />
    </Suspense>
  );
}
