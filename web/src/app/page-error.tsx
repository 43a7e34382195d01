import { Button } from '@mantine/core';
import { IconMoodSad } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';
import { EmptyNotice } from '../components/empty-notice.tsx';

/** Catches what a page throws while it is drawn or loaded: a new version was put up, or the page has a fault. */
export class PageError extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(): void {
    // What could not be loaded for want of a network is there again with it.
    if (!navigator.onLine) window.addEventListener('online', reload, { once: true });
  }

  override componentWillUnmount(): void {
    window.removeEventListener('online', reload);
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <EmptyNotice
        icon={IconMoodSad}
        title="This page could not be shown"
        actions={<Button onClick={reload}>Reload</Button>}
      >
        The connection may have failed, or a newer version of the console is there. Reloading helps in both cases.
      </EmptyNotice>
    );
  }
}

function reload(): void {
  window.location.reload();
}
