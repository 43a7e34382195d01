import { Alert } from '@mantine/core';
import { IconClockExclamation, IconWifiOff } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import { useDeviceAheadMs } from '../../api/browser-clock.ts';
import { sayDuration } from '../../components/use-countdown.ts';

// Less than this nobody notices; an authenticator app on this device fails from half a period on.
const toleratedMs = 10_000;

/** What concerns every page: no network, or a device whose clock is off. */
export function Banners() {
  return (
    <>
      <OfflineBanner />
      <ClockBanner />
    </>
  );
}

function OfflineBanner() {
  const online = useSyncExternalStore(subscribeToNetwork, () => navigator.onLine);
  if (online) return null;
  return (
    <Alert color="yellow" icon={<IconWifiOff aria-hidden />} title="You are offline" mb="md" role="status">
      What you see may be old. It is brought up to date by itself once you are connected again.
    </Alert>
  );
}

function ClockBanner() {
  const aheadMs = useDeviceAheadMs();
  if (Math.abs(aheadMs) < toleratedMs) return null;
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  return (
    <Alert
      color="yellow"
      icon={<IconClockExclamation aria-hidden />}
      title="This device’s clock is off"
      mb="md"
      role="status"
    >
      It is {sayDuration(seconds)} {aheadMs > 0 ? 'fast' : 'slow'}. The codes on these pages are right all the same;
      those of an authenticator app on this device may not be. Turn on automatic date and time in its settings.
    </Alert>
  );
}

function subscribeToNetwork(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}
