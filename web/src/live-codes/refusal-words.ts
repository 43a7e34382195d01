import type { CodeRefusal } from './code-book.ts';

/** Why a configuration shows no code. */
export const refusalWords: Record<CodeRefusal, string> = {
  config_not_found: 'It was deleted',
  config_inactive: 'Paused: it gives no codes until it is resumed',
  config_locked: 'Locked after wrong codes: wait, or unlock it',
  counter_exhausted: 'Its counter has reached the end',
  secret_unreadable: 'Its secret cannot be read; tell your administrator',
};
