package dev.workerfarm.worker.download;

import dev.workerfarm.worker.download.address.AllowList;
import java.nio.file.Path;
import java.util.Map;

/** How a worker downloads; the folder is made absolute, and created when the first file comes. */
public record DownloadConfig(Path folder, AllowList allow, DownloadLimits limits) {
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
                DownloadLimits.DEFAULT.withMaxBytes(maxBytes(environment.getOrDefault(MAX_BYTES_VARIABLE, ""))));
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
            return DownloadLimits.DEFAULT.maxBytes();
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
}
