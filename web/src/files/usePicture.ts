import { useEffect, useState } from "react";
import { asApiError } from "../api/errors";
import { unlessLeft } from "../ui/unlessLeft";

/** A file in one of its versions. */
export interface PastFile {
  path: string;
  version: number;
}

interface LoadedPicture {
  /** A blob: URL. */
  url: string;
  bytes: number;
  of: string;
}

/**
 * A picture as an address of this page. Until another version is here, the one before it stays; what cannot be had is
 * said in `problem`, and is asked for again by `retry`.
 */
export function usePicture(
  read: (path: string, version: number) => Promise<Blob>,
  { path, version }: PastFile,
  mediaType: string,
) {
  const [picture, setPicture] = useState<LoadedPicture | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  const wanted = `${version} ${path}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt asks again
  useEffect(() => {
    setProblem(null);
    return unlessLeft(
      read(path, version),
      (bytes) => {
        const url = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
        setPicture({ url, bytes: bytes.size, of: `${version} ${path}` });
      },
      (reason) => setProblem(asApiError(reason).message),
    );
  }, [read, path, version, mediaType, attempt]);
  useEffect(() => () => void (picture && URL.revokeObjectURL(picture.url)), [picture]);

  const isLoading = problem === null && picture?.of !== wanted;
  return { picture, problem, isLoading, retry: () => setAttempt(attempt + 1) };
}
