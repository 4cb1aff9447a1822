package dev.workerfarm.worker.download;

import java.time.Duration;

/**
 * What one download may take.
 *
 * @param maxBytes the largest file, counted after decompression; 1 GiB by default
 * @param connectTimeout for each address that is tried; 10 s by default
 * @param readTimeout the longest silence of a server; 30 s by default
 * @param totalTimeout for the whole, lookups and redirects included; 10 min by default
 * @param maxRedirects how many redirects are followed; 10 by default
 */
public record DownloadLimits(
        long maxBytes, Duration connectTimeout, Duration readTimeout, Duration totalTimeout, int maxRedirects) {
    public static final DownloadLimits DEFAULT =
            new DownloadLimits(1L << 30, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(10), 10);

    public DownloadLimits {
        if (maxBytes < 1 || maxRedirects < 0) {
            throw new IllegalArgumentException("maxBytes must be 1 or more, maxRedirects 0 or more");
        }
        requirePositive("connectTimeout", connectTimeout);
        requirePositive("readTimeout", readTimeout);
        requirePositive("totalTimeout", totalTimeout);
    }

    public DownloadLimits withMaxBytes(long maxBytes) {
        return new DownloadLimits(maxBytes, connectTimeout, readTimeout, totalTimeout, maxRedirects);
    }

    private static void requirePositive(String name, Duration duration) {
        // OkHttp counts in milliseconds, and takes 0 as "no limit".
        if (duration.toMillis() < 1 || duration.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(name + " must be between 1 ms and 24 days, not " + duration);
        }
    }
}
