import { announce } from './announcer.tsx';

let wanted = false;
const listeners = new Set<() => void>();

/** Tells for a moment that something was done. Loaded at the first word, since most visits need none. */
export async function notify(message: string, tone: 'good' | 'bad' = 'good'): Promise<void> {
  wanted = true;
  for (const listener of listeners) listener();
  try {
    const { notifications } = await import('@mantine/notifications');
    notifications.show({
      message,
      color: tone === 'good' ? 'green' : 'red',
      closeButtonProps: { 'aria-label': 'Dismiss' },
    });
  } catch {
    // Offline before the part was ever loaded: it is said at least.
    announce(message);
  }
}

/** Whether anything was to be told yet. */
export function notificationsWanted(): boolean {
  return wanted;
}

/** Calls back when there is something to tell for the first time. */
export function subscribeToNotifications(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
