import { Alert, Button, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import classes from './import-dialog.module.css';
import { readQrFrame } from './qr-reader.ts';

const everyMs = 250;

/** Shows what the camera sees and tells each QR code that comes into view. */
export function CameraReader({ onCode, onClose }: { onCode: (text: string) => void; onClose: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const tell = useRef(onCode);
  const [problem, setProblem] = useState<string>();
  tell.current = onCode;

  useEffect(() => {
    let stream: MediaStream | undefined;
    let left = false;
    const timer = setInterval(() => {
      const text = video.current ? readQrFrame(video.current) : undefined;
      if (text !== undefined) tell.current(text);
    }, everyMs);

    async function begin(): Promise<void> {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
        if (left) return stopStream(stream);
        if (video.current) video.current.srcObject = stream;
      } catch (error) {
        setProblem(cameraWords(error));
      }
    }

    void begin();
    return () => {
      left = true;
      clearInterval(timer);
      if (stream) stopStream(stream);
    };
  }, []);

  return (
    <div className={classes.camera}>
      {problem ? (
        <Alert color="yellow" role="alert">
          {problem}
        </Alert>
      ) : (
        <>
          <video ref={video} className={classes.video} autoPlay muted playsInline aria-label="What the camera sees" />
          <Text size="sm" c="dimmed">
            Hold the QR code into the picture. Several can follow one another.
          </Text>
        </>
      )}
      <Button variant="default" size="xs" onClick={onClose}>
        Close camera
      </Button>
    </div>
  );
}

function stopStream(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function cameraWords(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError')
    return 'The browser does not let this page use the camera. Allow it beside the address, or upload a picture.';
  if (name === 'NotFoundError') return 'This device has no camera. Upload a picture instead.';
  return 'The camera cannot be used right now. Another program may hold it; or upload a picture instead.';
}
