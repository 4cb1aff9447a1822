package dev.workerfarm.worker.download;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A download failed and left no file. The message is for the caller of the task, and holds no credentials. */
public final class DownloadException extends IOException {
    public DownloadException(String message) {
        this(message, null);
    }

    public DownloadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
