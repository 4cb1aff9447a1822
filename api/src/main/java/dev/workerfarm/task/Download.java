package dev.workerfarm.task;

import org.jspecify.annotations.Nullable;

/**
 * The article's {@code download_image(url, filename)}: fetches a URL into the workers' download folder.
 *
 * @param url http or https
 * @param filename the file's name in the folder; null takes it from the URL. It cannot leave the folder
 */
public record Download(String url, @Nullable String filename) {
    public static final TaskType<Download, Result> TYPE =
            TaskType.of("download", Download.class, Result.class).on(TaskQueue.DOWNLOADS);

    /**
     * What became of it.
     *
     * @param path the file's absolute path on the worker
     * @param filename the file's name in the folder, as it was made safe
     * @param bytes its size
     * @param sha256 of its content, in lower-case hex
     * @param contentType as the server said, or null
     * @param url the final URL, after redirects
     * @param status the final HTTP status, 200 to 299
     * @param ms how long it took, in milliseconds
     */
    public record Result(
            String path,
            String filename,
            long bytes,
            String sha256,
            @Nullable String contentType,
            String url,
            int status,
            long ms) {}
}
