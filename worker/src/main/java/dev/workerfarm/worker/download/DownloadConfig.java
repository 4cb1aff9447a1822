package dev.workerfarm.worker.download;

import dev.workerfarm.worker.download.address.AllowList;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** How a worker downloads; the folder is made absolute, and created when the first file comes. */
public record DownloadConfig(Path folder, AllowList allow, Limits limits) {
    public static final String FOLDER_VARIABLE = "FARM_DOWNLOAD_DIR";
    public static final String MAX_BYTES_VARIABLE = "FARM_DOWNLOAD_MAX_BYTES";
    public static final Path DEFAULT_FOLDER = Path.of("downloads");

    public DownloadConfig {
        folder = folder.toAbsolutePath().normalize();
    }

    /** Reads the variables; an empty one counts as unset, and an IllegalArgumentException names a wrong one. */
    public static DownloadConfig from(Map<String, String> environment) {
        String folder = environment.getOrDefault(FOLDER_VARIABLE, "");
        return new DownloadConfig(
                folder.isBlank() ? DEFAULT_FOLDER : folder(folder),
                AllowList.parse(environment.getOrDefault(AllowList.VARIABLE, "")),
                Limits.DEFAULT.withMaxBytes(maxBytes(environment.getOrDefault(MAX_BYTES_VARIABLE, ""))));
    }

    /** Makes the folder if it is missing; an IllegalArgumentException names it, if nothing can be written there. */
    public void checkFolder() {
        try {
            new PartFile(folder).close(); // which removes it again
        } catch (DownloadException e) {
            throw new IllegalArgumentException(FOLDER_VARIABLE + ": " + e.getMessage(), e);
        }
    }

    private static Path folder(String text) {
        try {
            return Path.of(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(FOLDER_VARIABLE + " is not a path: " + e.getMessage(), e);
        }
    }

    private static long maxBytes(String text) {
        if (text.isBlank()) {
            return Limits.DEFAULT.maxBytes();
        }
        try {
            long bytes = Long.parseLong(text.strip());
            if (bytes >= 1) {
                return bytes;
            }
        } catch (NumberFormatException e) {
            // Reported below, as a number that is too small is.
        }
        throw new IllegalArgumentException(
                MAX_BYTES_VARIABLE + " must be a whole number of bytes, 1 or more, not '" + text + "'");
    }

    /**
     * What one download may take: {@code maxBytes} are counted after decompression, {@code connectTimeout} is for each
     * address, {@code readTimeout} the longest silence of a server, {@code totalTimeout} for lookups and redirects too.
     */
    public record Limits(
            long maxBytes, Duration connectTimeout, Duration readTimeout, Duration totalTimeout, int maxRedirects) {
        static final Limits DEFAULT =
                new Limits(1L << 30, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(10), 10);

        public Limits {
            if (maxBytes < 1 || maxRedirects < 0) {
                throw new IllegalArgumentException("maxBytes must be 1 or more, maxRedirects 0 or more");
            }
            requirePositive("connectTimeout", connectTimeout);
            requirePositive("readTimeout", readTimeout);
            requirePositive("totalTimeout", totalTimeout);
        }

        Limits withMaxBytes(long maxBytes) {
            return new Limits(maxBytes, connectTimeout, readTimeout, totalTimeout, maxRedirects);
        }

        private static void requirePositive(String name, Duration duration) {
            // OkHttp counts in milliseconds, and takes 0 as "no limit".
            if (duration.toMillis() < 1 || duration.toMillis() > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(name + " must be between 1 ms and 24 days, not " + duration);
            }
        }
    }
}
