import { Link } from 'react-router';
import type { OtpConfig } from '../api/list-configs.ts';
import classes from './code-card.module.css';

/** From a card to the pages of its configuration. */
export function CardWays({ config }: { config: OtpConfig }) {
  return (
    <span className={classes.ways}>
      <Link className={classes.way} to={`/otp/generate/${config.id}`} aria-label={`Open ${config.name}`}>
        Open
      </Link>
      <Link className={classes.way} to={`/otp/validate/${config.id}`} aria-label={`Validate a code of ${config.name}`}>
        Validate
      </Link>
    </span>
  );
}
