import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { OtpEvent } from '../api/list-recent-events.ts';
import classes from './event-list.module.css';
import { sayOtpEvent } from './event-words.ts';
import { Moment } from './moment.tsx';

/** Events, the newest first: what, how it went, when and from where. */
export function EventList({ events, withConfig = false }: { events: readonly OtpEvent[]; withConfig?: boolean }) {
  return (
    <ul className={classes.list}>
      {events.map((event) => {
        const Mark = event.is_success ? IconCircleCheck : IconCircleX;
        return (
          <li key={event.id} className={classes.event}>
            <Mark
              size={18}
              role="img"
              aria-label={event.is_success ? 'Success' : 'Failure'}
              className={event.is_success ? classes.good : classes.bad}
            />
            <span className={classes.what}>
              {sayOtpEvent(event.event_type)}
              {withConfig && event.config_id !== null && (
                <Link to={`/otp/generate/${event.config_id}`} className={classes.config}>
                  no. {event.config_id}
                </Link>
              )}
            </span>
            <span className={classes.when} title={event.user_agent ?? undefined}>
              <Moment at={event.timestamp} />
              <span className={classes.where}>{event.ip_address}</span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
