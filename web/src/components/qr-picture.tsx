import classes from './qr-picture.module.css';

/** A QR code that the service drew. As a picture and not as markup: whatever stands in it, no script of it runs. */
export function QrPicture({ svg, label, size = 208 }: { svg: string; label: string; size?: number }) {
  return (
    <img
      className={classes.picture}
      src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`}
      alt={label}
      width={size}
      height={size}
    />
  );
}
